"""One style for all that are alike, where WeasyPrint 70.0 makes one for each. See `weasy_speed`.

- `elements`: elements that the same rules match, under parents of one style, share their pseudo-elements' styles too, made when they are asked for.
- `page_styles`: pages that the same rules match share the styles of page and margin boxes.
- `shrinking`: a box whose longest line fits is as wide as that line; how wide it must be at least is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

_OWN = ("style", "lang", "id", "name", "width", "height")
"""Attributes that WeasyPrint reads as declarations of one element."""
_APART = ("note-call", "note-marker", "note-callback", "first-letter", "first-line")
"""Pseudo-elements whose style WeasyPrint changes for each element, or of which it takes whatever was asked for so far."""


@dataclass(slots=True)
class Family:
    """Elements that cannot differ in style."""

    style: Any = None
    cascaded: dict[str | None, Any] = field(default_factory=dict)
    """The declarations of each pseudo-element that has any."""
    styles: dict[str, Any] = field(default_factory=dict)
    """The styles of those that were asked for."""


def elements() -> None:
    """Cascade once for each family of elements, and compute a pseudo-element's style when a box needs it (CSS Cascading 4, 6; Selectors 4, 3.6)."""
    from weasyprint import css

    css.StyleFor = type("StyleFor", (_Families, css.StyleFor), {})


class _Families:
    """What is other in WeasyPrint's `StyleFor`, which answers with the style of an element or pseudo-element."""

    _computed_styles: dict[Any, Any]
    _cascaded_styles: dict[Any, Any]

    def __init__(self, html: Any, sheets: Any, presentational_hints: bool, font_config: Any, target_collector: Any) -> None:
        self._families: dict[Any, Family] = {}
        self._root, self._base_url, self._targets = html.etree_element, html.base_url, target_collector
        if presentational_hints:
            super().__init__(html, sheets, presentational_hints, font_config, target_collector)  # type: ignore[call-arg]
            return
        from weasyprint import css

        self._computed_styles, self._cascaded_styles, self._sheets, self.font_config = {}, {}, sheets, font_config
        self.initial_page_sizes = {"box": None, "area": None}
        own: dict[Any, list[Any]] = {}
        for specificity, element, declarations, base_url in css.find_style_attributes(html.etree_element, presentational_hints, html.base_url):
            own.setdefault(element, []).append((specificity, css.preprocess_declarations(base_url, declarations)))
        families: dict[Any, Family] = {}
        for wrapper in html.wrapper_element.iter_subtree():
            element, parent = wrapper.etree_element, wrapper.parent.etree_element if wrapper.parent else None
            matches = [(*sheet, sheet[0].matcher.match(wrapper)) for sheet in sheets]
            rules = tuple(tuple(number for _, number, *_ in found) for *_, found in matches)
            attributes = (element.tag, *map(element.get, _OWN)) if element in own else None
            key = id(self._families.get(parent)), attributes, rules
            if key not in families:
                families[key] = self._first(element, parent, _cascade(own.get(element, ()), matches))
            self._families[element] = families[key]
            self._computed_styles[element, None] = families[key].style

    def _first(self, element: Any, parent: Any, cascaded: dict[str | None, Any]) -> Family:
        """The family of its first element."""
        if None in cascaded:
            self._cascaded_styles[element, None] = cascaded.pop(None)
        family = Family(self._compute(element, parent), cascaded)
        for pseudo, declared in cascaded.items():
            if pseudo and "anchor" in declared:  # others may point to it
                self._pseudo(element, family, pseudo)
        return family

    def _pseudo(self, element: Any, family: Family, pseudo: str) -> Any:
        """The style of an element's pseudo-element."""
        style = family.styles.get(pseudo)
        if style is None:
            self._cascaded_styles[element, pseudo] = family.cascaded[pseudo]
            style = self._compute(element, element, pseudo)
            if pseudo not in _APART:
                family.styles[pseudo] = style
        return style

    def _compute(self, element: Any, parent: Any, pseudo: str | None = None) -> Any:
        self.set_computed_styles(element, root=self._root, parent=parent, pseudo_type=pseudo, base_url=self._base_url, target_collector=self._targets)  # type: ignore[attr-defined]
        self._cascaded_styles.pop((element, pseudo), None)
        return self._computed_styles[element, pseudo]

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        family = self._families.get(element) if pseudo_type else None
        if family and pseudo_type and pseudo_type in family.cascaded and (element, pseudo_type) not in self._computed_styles:
            self._computed_styles[element, pseudo_type] = self._pseudo(element, family, pseudo_type)
        return super().__call__(element, pseudo_type)  # type: ignore[misc]


def _cascade(own: Any, matches: Any) -> dict[str | None, Any]:
    """The declarations that apply to an element and, by name, to its pseudo-elements: of those of one property the heaviest, or the last of these (CSS Cascading 4, 6.1)."""
    from weasyprint import css

    cascaded: dict[str | None, Any] = {}
    sources = [(None, declarations, "author", inf, specificity) for specificity, declarations in own]
    for sheet, origin, sheet_specificity, found in matches:
        for specificity, _, pseudo, (declarations, layer) in found:
            sources.append((pseudo, declarations, origin, inf if layer is None else sheet.layers.index(layer), sheet_specificity or specificity))
    for pseudo, declarations, origin, order, specificity in sources:
        style = cascaded.setdefault(pseudo, {})
        for name, values, importance in declarations:
            weight = css.declaration_precedence(origin, importance), order, specificity
            if name not in style or style[name][1] <= weight:
                style[name] = values, weight
    return cascaded


def page_styles() -> None:
    """Compute the styles of page and margin boxes once for pages of a kind; the first page stands alone, since lengths in `vw` have no page yet when it is computed."""
    from weasyprint.layout import page

    stock = page.set_page_type_computed_styles

    def set_page_type_computed_styles(page_type: Any, html: Any, style_for: Any) -> None:
        """As WeasyPrint's: the styles of a page and of the boxes in its margins."""
        kinds = style_for.__dict__.setdefault("_engross_pages", {})
        matching = tuple(style_for._page_type_match(selector, page_type) for sheet, *_ in style_for._sheets for _, selectors, _ in sheet.page_rules for *_, selector in selectors)
        key = matching, style_for.initial_page_sizes["box"]
        computed = style_for.get_computed_styles()
        if key in kinds:
            computed.update({(page_type, pseudo): style for pseudo, style in kinds[key].items()})
            return
        stock(page_type, html, style_for)
        pseudos = {None, *(pseudo for element, pseudo in style_for.get_cascaded_styles() if element == page_type)}
        kinds[key] = {pseudo: computed[page_type, pseudo] for pseudo in pseudos}

    page.set_page_type_computed_styles = set_page_type_computed_styles


def shrinking() -> None:
    """Measure a shrink-to-fit box's narrowest width only where its widest does not fit (CSS 2.1, 10.3.5: the smaller of the widest, and of the larger of narrowest and available)."""
    from weasyprint.layout import absolute, inline, preferred
    from weasyprint.layout import float as floats

    stock = preferred.shrink_to_fit

    def shrink_to_fit(context: Any, box: Any, available_content_width: float) -> Any:
        widest = preferred.max_content_width(context, box, outer=False)
        return widest if widest < available_content_width else min(max(preferred.min_content_width(context, box, outer=False), available_content_width), widest)

    for module in (preferred, absolute, floats, inline):
        if module.shrink_to_fit is stock:
            module.shrink_to_fit = shrink_to_fit
