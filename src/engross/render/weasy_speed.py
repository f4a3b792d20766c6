"""What makes WeasyPrint 70.0 faster and changes no byte of what it writes: answers that it works out again and again are kept.

Each is independent of the others and of the repairs in `weasy_private`; a test compares the bytes with and without. `ENGROSS_SPEEDUPS=off` leaves all out, `ENGROSS_SPEEDUPS=struts,flow` takes these.
`weasy.load` applies them once, to the version they are written for and to no other.

- `percentages`: the used margins, paddings and sizes of a style without percentages are the same in every containing block.
- `styles`: an initial or inherited value that needs no computing is taken at once.
- `struts`: the height of an empty line is the same for a style each time.
- `set_up`: Pango's context and font description are made once for a style, not once for each line.
- `flow`: whether a box is in normal flow is asked more often than anything else.
- `paragraphs`, `breaks`, `lines` (`weasy_speed_text`): one Pango layout for a paragraph instead of several for each of its lines; lines and answers that are asked for again.
- `patterns` (`weasy_speed_hyphens`): of a dictionary of hyphenation, the patterns that words ask for are parsed.
- `filled`, `texts`, `spaces`, `cells` (`weasy_speed_cells`): a line of one text laid out at once, and texts without questions; a signatory that goes to the next line is not laid out in this one.
- `glyphs` (`weasy_speed_draw`): lines drawn as they were measured, each glyph looked up.
- `sheets`, `backgrounds`, `collisions`, `margins`, `walks`, `stacks`, `anchors` (`weasy_speed_pages`): what need not be read, drawn, avoided, laid out, gone through, stacked or looked for.
- `contents`, `subsets` (`weasy_speed_fonts`): fonts that are copied when asked for and cut down once.
- `references`, `outlines`, `borders`, `inlines`, `values` (`weasy_speed_write`): what is the same for every element and box, and what is not there to be drawn.
- `late_fonttools`, `declared`, `configured`, `sheets_read` (`weasy_import`): WeasyPrint imported without what a letter does not need.
- `pages`, `queries` (`weasy_speed_html`): a page that reads the same as XML is read by expat, and searched where it holds what is sought.
- `elements`, `page_styles`, `shrinking` (`weasy_speed_styles`): one style for all elements, pages and margins that are alike, widths that decide nothing not measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from engross.errors import UsageError
from engross.render import weasy_import
from engross.render.weasy_speed_cells import cells, filled, spaces, texts
from engross.render.weasy_speed_draw import glyphs
from engross.render.weasy_speed_fonts import contents, subsets
from engross.render.weasy_speed_html import pages, queries
from engross.render.weasy_speed_hyphens import patterns
from engross.render.weasy_speed_pages import anchors, backgrounds, collisions, margins, sheets, stacks, walks
from engross.render.weasy_speed_styles import elements, page_styles, shrinking
from engross.render.weasy_speed_text import breaks, lines, paragraphs
from engross.render.weasy_speed_write import borders, inlines, outlines, references, values

VARIABLE = "ENGROSS_SPEEDUPS"

_SIDES = ("top", "right", "bottom", "left")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *(f"{least}{size}" for size in ("width", "height") for least in ("", "min_", "max_")),
)


def percentages() -> None:
    """Keep the used values of styles that have lengths in pixels and `auto` only (CSS 2.1, 8.3 and 10.2: nothing else depends on the containing block)."""
    from weasyprint.css import PHYSICAL_FUNCTIONS, AnonymousStyle, ComputedStyle
    from weasyprint.layout import absolute, block, column, flex, grid, inline, page, percent, replaced, table
    from weasyprint.layout import float as floats

    stock = percent.resolve_percentages
    decisive = frozenset((*_LENGTHS, "box_sizing", "border_collapse"))
    told = decisive | {f"border_{side}_{part}" for side in _SIDES for part in ("width", "style")}
    told |= {PHYSICAL_FUNCTIONS[name](block="ttb", inline=inline) for name in told & PHYSICAL_FUNCTIONS.keys() for inline in ("ltr", "rtl")}
    plain: list[dict[str, Any] | None] = []

    def initial(style: Any) -> bool:
        """Whether all that decides has its initial value."""
        if type(style) is AnonymousStyle:
            return decisive.isdisjoint(style)
        return type(style) is ComputedStyle and told.isdisjoint(style.cascaded) and told.isdisjoint(style) and style["border_collapse"] != "collapse"

    def known(style: Any) -> dict[str, Any] | None:
        if not initial(style):
            return _used(style)
        if not plain:
            plain.append(_used(style))
        return plain[0]

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        """As WeasyPrint's: the used margins, paddings and sizes of a box."""
        style = box.style
        kept = style.__dict__
        if "_engross_used" not in kept:
            kept["_engross_used"] = known(style)
        if kept["_engross_used"] is None:
            stock(box, containing_block)
        else:
            box.__dict__.update(kept["_engross_used"])

    for module in (percent, absolute, block, column, flex, floats, grid, inline, page, replaced, table):
        if getattr(module, "resolve_percentages", None) is stock:
            module.resolve_percentages = resolve_percentages


def _used(style: Any) -> dict[str, Any] | None:
    """The used values of a style by property, or nothing if they depend on more than the style."""
    if style["box_sizing"] != "content-box" or style["border_collapse"] == "collapse":
        return None
    used: dict[str, Any] = {}
    for name in _LENGTHS:
        value = style[name]
        if value == "auto":
            used[name] = 0 if name.startswith("min_") else "auto"
        elif getattr(value, "unit", None) == "px":
            used[name] = value.value
        else:
            return None
    return used | {f"border_{side}_width": style[f"border_{side}_width"] for side in _SIDES}


def styles() -> None:
    """Take values at once that are initial or inherited and computed already."""
    from weasyprint import css
    from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

    computed, anonymous = css.ComputedStyle.__missing__, css.AnonymousStyle.__missing__
    related = {"float", "display", "position", "page", "anchor", "link", "lang", *INITIAL_NOT_COMPUTED}
    plain = {name for name, value in INITIAL_VALUES.items() if name not in related and not name.startswith("text_decoration_") and not css.check_math(value)}
    initial, inherited = frozenset(plain - set(INHERITED) - set(css.PHYSICAL_FUNCTIONS)), frozenset((plain & set(INHERITED)) - set(css.PHYSICAL_FUNCTIONS))
    physical = {  # `margin_top` may be given as `margin_block_start` (CSS Logical Properties 1)
        name: {inline: logical(block="ttb", inline=inline) for inline in ("ltr", "rtl")} for name, logical in css.PHYSICAL_FUNCTIONS.items() if name in plain - set(INHERITED)
    }
    simple = frozenset(name for name in INITIAL_VALUES if name not in INHERITED and name not in INITIAL_NOT_COMPUTED and name != "page" and not name.startswith("text_decoration_"))

    def missing(self: Any, key: str) -> Any:
        """As `ComputedStyle.__missing__`: the value of a property that was not asked for yet."""
        if key not in self.cascaded:
            if key in initial:
                value = self[key] = INITIAL_VALUES[key]
                return value
            if key in physical and physical[key][self["direction"]] not in self.cascaded:
                value = self[key] = INITIAL_VALUES[key]
                return value
            if key in inherited and self.parent_style is not None:
                value = self.parent_style[key]
                if not css.check_math(value):
                    self[key] = value
                    return value
        return computed(self, key)

    def missing_anonymous(self: Any, key: str) -> Any:
        if key in simple:
            value = self[key] = INITIAL_VALUES[key]
            return value
        return anonymous(self, key)

    css.ComputedStyle.__missing__, css.AnonymousStyle.__missing__ = missing, missing_anonymous


def struts() -> None:
    """Keep the strut of a style (CSS 2.1, 10.8.1)."""
    from weasyprint.layout import inline
    from weasyprint.text import line_break

    stock = line_break.strut

    def strut(style: Any) -> Any:
        kept = style.__dict__
        if "_engross_strut" not in kept:
            kept["_engross_strut"] = stock(style)
        return kept["_engross_strut"]

    for module in (line_break, inline):
        if module.strut is stock:
            module.strut = strut


def set_up() -> None:
    """Keep Pango's context, language and font description with the style; lines with decorations or font features are left to WeasyPrint."""
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi, gobject, pango

    stock = line_break.Layout.setup
    variants = (f"font_variant_{name}" for name in ("ligatures", "position", "caps", "numeric", "alternates", "east_asian"))
    features = ("font_kerning", *variants, "font_feature_settings")

    def made(style: Any) -> Any:
        """Pango's context, language and font description of a style, and whose fonts they are; nothing where more decides."""
        if style["text_decoration_line"] != "none" or style["font_language_override"] != "normal" or line_break.font_features(*(style[name] for name in features)):
            return None
        context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
        pango.pango_context_set_round_glyph_positions(context, False)
        pango.pango_context_set_base_dir(context, line_break.PANGO_DIRECTION[style["direction"]])
        language = pango.pango_language_get_default()
        if style["lang"]:
            pointer, _keep = line_break.unicode_to_char_p(style["lang"])
            language = pango.pango_language_from_string(pointer)
            pango.pango_context_set_language(context, language)
        return context, language, line_break.get_font_description(style), style.font_config

    def setup(self: Any, style: Any) -> None:
        """As WeasyPrint's: a new Pango layout for a style."""
        kept = style.__dict__
        if "_engross_pango" not in kept:
            kept["_engross_pango"] = made(style)
        ready = kept["_engross_pango"]
        if ready is None or ready[3] is not style.font_config:
            stock(self, style)
            return
        self.style, self.first_line_direction, self.language = style, 0, ready[1]
        self.layout = ffi.gc(pango.pango_layout_new(ready[0]), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(self.layout, False)
        pango.pango_layout_set_font_description(self.layout, ready[2])
        self.ascent = self.underline_position = self.strikethrough_position = None

    line_break.Layout.setup = setup


def flow() -> None:
    """Answer for the usual box without asking three questions."""
    from weasyprint.formatting_structure import boxes

    stock = boxes.Box.is_in_normal_flow

    def is_in_normal_flow(self: Any) -> bool:
        style = self.style
        return True if style["float"] == "none" and style["position"] in ("static", "relative", "sticky") else bool(stock(self))

    boxes.Box.is_in_normal_flow = is_in_normal_flow


SPEEDUPS: tuple[Callable[[], None], ...] = (
    percentages,
    styles,
    struts,
    set_up,
    flow,
    paragraphs,
    breaks,
    lines,
    patterns,
    filled,
    spaces,
    cells,
    texts,
    sheets,
    backgrounds,
    collisions,
    margins,
    walks,
    stacks,
    anchors,
    contents,
    subsets,
    glyphs,
    references,
    outlines,
    borders,
    inlines,
    values,
    pages,
    queries,
    elements,
    page_styles,
    shrinking,
)


def _wanted() -> frozenset[str]:
    """What `ENGROSS_SPEEDUPS` names, separated by commas: `off` none, unset all.

    Raises:
        UsageError: it names one that there is not.
    """
    wanted = os.environ.get(VARIABLE, "")
    known = [speedup.__name__ for speedup in (*weasy_import.IMPORTS, *SPEEDUPS)]
    names = [] if wanted == "off" else wanted.split(",") if wanted else known
    if unknown := sorted(set(names) - set(known)):
        raise UsageError(f"{VARIABLE} names no speed-up: {', '.join(unknown)}", hint=f"off, or some of {', '.join(known)}")
    return frozenset(names)


def chosen() -> tuple[Callable[[], None], ...]:
    """Those that `ENGROSS_SPEEDUPS` names, of what changes WeasyPrint once it is imported."""
    return tuple(speedup for speedup in SPEEDUPS if speedup.__name__ in _wanted())


@contextmanager
def lean() -> Iterator[None]:
    """Those that `ENGROSS_SPEEDUPS` names, of what holds while WeasyPrint is imported (`weasy_import`)."""
    with ExitStack() as stack:
        for leaner in weasy_import.IMPORTS:
            if leaner.__name__ in _wanted():
                stack.enter_context(leaner())
        yield
