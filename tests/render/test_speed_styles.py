"""Elements that share a style have the style that each would have alone."""

from __future__ import annotations

from typing import Any

from engross.render import weasy, weasy_speed_styles
from tests.render.conftest import REPO
from tests.render.test_speed import PAGE

PSEUDOS = (None, "before", "after", "marker", "first-line", "footnote-call", "note-call")


def style_for(html: Any, families: bool) -> Any:
    from weasyprint import css
    from weasyprint.css.counters import CounterStyle
    from weasyprint.css.targets import TargetCollector
    from weasyprint.text.fonts import FontConfiguration

    stock = next(kind for kind in css.StyleFor.__mro__ if kind.__module__ == "weasyprint.css")
    kind = type("StyleFor", (weasy_speed_styles._Families, stock), {}) if families else stock
    fonts = FontConfiguration()
    sheets = [(sheet, "user agent", None) for sheet in html._ua_stylesheets()]
    sheets += [(sheet, "author", None) for sheet in css.find_stylesheets(html.wrapper_element, "print", None, None, fonts, CounterStyle(), {}, [], [])]
    return kind(html, sheets, False, fonts, TargetCollector())


def test_every_value_of_every_element_is_the_same() -> None:
    weasy.warm(REPO / "layouts" / "fonts")
    import weasyprint
    from weasyprint.css.properties import INITIAL_VALUES

    html = weasyprint.HTML(string=PAGE)
    shared, alone = style_for(html, families=True), style_for(html, families=False)
    for element in html.etree_element.iter():
        for pseudo in PSEUDOS:
            found, wanted = shared(element, pseudo), alone(element, pseudo)
            assert (found is None) == (wanted is None)
            for name in INITIAL_VALUES if wanted is not None else ():
                assert found[name] == wanted[name], (element.tag, pseudo, name)
    first, second = html.etree_element.findall(".//ol/li")
    assert shared(first, "marker") is shared(second, "marker")
    assert shared(first, "note-call") is not shared(second, "note-call")
    letters = [shared(element, "first-letter") for element in html.etree_element.findall(".//section/p")]
    assert len({id(style) for style in letters}) == len(letters)
