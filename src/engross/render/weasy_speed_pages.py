"""Pages without asking again what is known: style sheets, margins, boxes that nothing is drawn behind. See `weasy_speed`.

- `sheets`: a style sheet that was read once in a process is not read again.
- `backgrounds`: a box without background, image, shadow or rounded corner is passed by.
- `collisions`: where nothing floats, no line has to avoid anything.
- `margins`: words that stand in the same place of the margin of several pages are laid out once.
- `walks`: the boxes of a page are gone through without a generator for each.
- `stacks`, `anchors`: a text is neither asked what it is stacked on, nor where it leads.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from engross.render import weasy_sheets

_TELLS_MORE = re.compile("@(?!page|media|footnote|(?:top|right|bottom|left)-)")
"""A rule that may tell the document more than its styles (`@font-face`), or fetch (`@import`, which may be written `@IMPORT` or `@im\\port` too)."""
KEPT_SHEETS = 16
_sheets: dict[str, tuple[Any, list[Any]]] = {}


def sheets() -> None:
    """Keep what was read from the text of a `<style>` element, where it depends on the text alone."""
    from weasyprint import CSS, css

    def kept(*, string: str, page_rules: list[Any], **more: Any) -> Any:
        """The style sheet, read or as it was read before; its page rules are added to the document's."""
        if _TELLS_MORE.search(string):
            return CSS(string=string, page_rules=page_rules, **more)
        found = _sheets.get(string)
        if found is None:
            rules: list[Any] = []
            with weasy_sheets.complaints() as heard:
                found = CSS(string=string, page_rules=rules, **more), rules
            if len(_sheets) == KEPT_SHEETS:
                _sheets.pop(next(iter(_sheets)))
            if not heard:  # else the next document would not hear of it
                _sheets[string] = found
        page_rules.extend(found[1])
        return found[0]

    def read(*arguments: Any, **more: Any) -> Any:
        return kept(**more) if not arguments and more.keys() >= {"string", "page_rules"} else CSS(*arguments, **more)

    css.CSS = read


def read_sheet(text: str) -> None:
    """Read a layout's style sheet ahead of the documents that will have it, if `sheets` is in force, or take it as another process has read it."""
    from weasyprint import CSS, css

    if css.CSS is not CSS and not _TELLS_MORE.search(text):
        rules: list[Any] = []
        with weasy_sheets.complaints() as heard:
            found = weasy_sheets.read(text, page_rules=rules, media_type="print", layers=[]), rules
        if not heard:
            _sheets[text] = found


def backgrounds() -> None:
    """Give a box that shows nothing behind its content no background and no rounded corners at once (CSS Backgrounds 3, 2 and 5)."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import background
    from weasyprint.layout.absolute import AbsolutePlaceholder

    stock = background.layout_box_backgrounds
    nothing = dict.fromkeys((f"border_{corner}_radius" for corner in _CORNERS), (0, 0)) | {"background": None}

    def layout_box_backgrounds(page: Any, box: Any, get_image_from_uri: Any, layout_children: bool = True, style: Any = None) -> None:
        """As WeasyPrint's, for a box and what it holds."""
        if style is None and box is not page and layout_children and not isinstance(box, AbsolutePlaceholder) and _bare(box.style):
            box.__dict__.update(nothing)
            for child in box.all_children():
                if type(child) is boxes.TextBox and _bare(child.style):
                    child.__dict__.update(nothing)
                else:
                    layout_box_backgrounds(page, child, get_image_from_uri)
            return
        stock(page, box, get_image_from_uri, layout_children, style)

    background.layout_box_backgrounds = layout_box_backgrounds


_CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")


def _bare(style: Any) -> bool:
    """Whether a box of this style has nothing behind its content and square corners; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_bare")
    if known is None:
        known = style.__dict__["_engross_bare"] = _unseen(style)
    return known


def _unseen(style: Any) -> bool:
    from weasyprint.draw.color import get_color

    return bool(
        all((0, "px") in style[f"border_{corner}_radius"] for corner in _CORNERS)
        and style["border_image_source"][0] == "none"
        and style["mask_border_source"][0] == "none"
        and not style["box_shadow"]
        and all(kind == "none" for kind, _ in style["background_image"])
        and get_color(style, "background_color").alpha == 0
    )


def collisions() -> None:
    """Let a line of a page without floats take the width of its block (CSS 2.1, 9.5)."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import float as floats
    from weasyprint.layout import inline

    stock = floats.avoid_collisions

    def avoid_collisions(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:
        if outer or context.excluded_shapes or not isinstance(box, boxes.LineBox) or containing_block.style["direction"] != "ltr":
            return stock(context, box, containing_block, outer)
        left = containing_block.content_box_x() + box.margin_left
        right = containing_block.content_box_x() + containing_block.width - box.margin_right
        return left - box.margin_left, box.border_box_y() - box.margin_top, right - left

    floats.avoid_collisions = inline.avoid_collisions = avoid_collisions


_PLACED = (
    *(f"{space}_{side}" for space in ("margin", "padding") for side in ("top", "right", "bottom", "left")),
    *(f"border_{side}_width" for side in ("top", "right", "bottom", "left")),
    *("position_x", "position_y", "width", "height"),
)


def margins() -> None:
    """Keep the margin boxes of plain words (CSS Paged Media 3, 5), each with its style, place and size; those without content are not measured."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import page as layout

    stock, measure = layout.margin_box_content_layout, layout.resolve_percentages

    def margin_box_content_layout(context: Any, page: Any, box: Any) -> Any:
        """As WeasyPrint's: a margin box with its lines."""
        words = _margin_words(box)
        if words is None:
            return stock(context, page, box)
        known = context.__dict__.setdefault("_engross_margins", {})
        key = (id(box.style), box.at_keyword, words, *map(box.__dict__.__getitem__, _PLACED))
        if key in known:
            return _again(known[key])
        known[key] = found = stock(context, page, box)
        return found

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        if type(box) is not boxes.MarginBox or box.is_generated:
            measure(box, containing_block)

    layout.margin_box_content_layout, layout.resolve_percentages = margin_box_content_layout, resolve_percentages


def _again(box: Any) -> Any:
    """A laid out box and those in it once more, with lines of its own: a line is marked when it is drawn."""
    found = box.deepcopy()
    for inner in found.descendants():
        if "pango_layout" in inner.__dict__:
            inner.pango_layout = copy.copy(inner.pango_layout)
    return found


def _margin_words(box: Any) -> tuple[str, ...] | None:
    """The texts of a margin box that holds nothing else."""
    from weasyprint.formatting_structure import boxes

    lines = box.children
    if len(lines) != 1 or type(lines[0]) is not boxes.LineBox or any(type(child) is not boxes.TextBox for child in lines[0].children):
        return None
    return tuple(child.text for child in lines[0].children)


def walks() -> None:
    """Go through a box and what it holds with one generator."""
    from weasyprint.formatting_structure import boxes

    kind = boxes.Box

    def descendants(self: Any, placeholders: bool = False) -> Iterator[Any]:
        """As WeasyPrint's: a box, its children and descendants, in order."""
        yield self
        stack = [iter(self.children)]
        while stack:
            for child in stack[-1]:
                if not isinstance(child, kind):
                    if not placeholders:
                        yield child
                        continue
                    child = child._box  # noqa: PLW2901 - what the placeholder stands for
                yield child
                if child.children:
                    stack.append(iter(child.children))
                    break
            else:
                stack.pop()

    kind.descendants = descendants


def stacks() -> None:
    """Leave texts and lines that lie in their block (CSS 2.1, appendix E) where they are, without copies of lines whose content stays."""
    from weasyprint import stacking
    from weasyprint.formatting_structure import boxes

    dispatch = stacking._dispatch
    inline = {boxes.TextBox, boxes.LineBox, boxes.InlineBox}

    def dispatch_children(box: Any, *more: Any) -> Any:
        """As WeasyPrint's: a box without what is stacked by itself."""
        if not isinstance(box, boxes.ParentBox):
            return box
        found: list[Any] = []
        same = type(box) in inline
        for child in box.children:
            kept = child
            if type(child) not in inline or child.is_grid_item or not _still(child.style):
                kept = dispatch(child, *more)
            elif child.children:
                kept = dispatch_children(child, *more)
            same = same and kept is child
            if kept is not None:
                found.append(kept)
        return box if same else box.copy_with_children(found)

    stacking._dispatch_children = dispatch_children


def _still(style: Any) -> bool:
    """Whether a box of this style lies in the flow and is no layer of its own; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_still")
    if known is None:
        plain = {"position": "static", "float": "none", "overflow": "visible"}
        known = style["opacity"] >= 1 and not style["transform"] and all(style[name] == value for name, value in plain.items())
        style.__dict__["_engross_still"] = known
    return known


def anchors() -> None:
    """Look for anchors, links and bookmarks past texts and lines, which have none by themselves."""
    from weasyprint import anchors, document
    from weasyprint.formatting_structure import boxes

    stock = anchors.gather_anchors

    def gather_anchors(box: Any, *more: Any) -> None:
        """As WeasyPrint's: what of a box, and of those in it, has a place in the PDF."""
        plain = type(box) in (boxes.TextBox, boxes.LineBox) and not (box.link or box.bookmark_label)
        if not plain or not _nowhere(box.style) or (box.element is not None and box.element.tag == "form"):
            stock(box, *more)
            return
        for child in box.children:
            gather_anchors(child, *more)

    anchors.gather_anchors = document.gather_anchors = gather_anchors


def _nowhere(style: Any) -> bool:
    """Whether a box of this style is neither turned nor pointed to; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_nowhere")
    if known is None:
        known = style.__dict__["_engross_nowhere"] = not style["transform"] and not style["anchor"]
    return known
