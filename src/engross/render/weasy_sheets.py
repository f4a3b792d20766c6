"""Style sheets as WeasyPrint 70.0 has read them, kept in the user's cache folder: reading its own and those of a layout takes it thirty milliseconds.

Kept are the declarations, checked and computed as far as they can be without a document, and the selectors, compiled. A sheet that tells more than styles of elements and pages, or refers to
files, is read by WeasyPrint each time; so is one that it complains of, so that the complaint is heard.
"""

from __future__ import annotations

import builtins
import hashlib
import logging
import marshal
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from engross.render.user_cache import UserCache, place

_BUCKETS = ("id_selectors", "class_selectors", "lower_local_name_selectors", "namespace_selectors", "lang_attr_selectors", "other_selectors")
"""Where a matcher of cssselect2 keeps compiled selectors, as lists or as lists by a key."""
_MORE = ("@import", "@font-face", "@layer", "@color-profile", "@namespace", "url(", "var(")
"""What a sheet has that depends on more than its text, tells the document more than its styles, or is worked out for each element."""


def read(text: str, **more: Any) -> Any:
    """A `weasyprint.CSS` of this text, read or as another process has read it. `page_rules` and `counter_style`, if given, are filled as WeasyPrint fills them.

    Args:
        text: the sheet.
        more: further arguments of `weasyprint.CSS`.
    """
    from weasyprint import CSS

    if any(rule in text.lower() for rule in _MORE) or more.get("base_url") is not None:
        return CSS(string=text, **more)
    name = hashlib.sha256(f"{more.get('media_type')} {text}".encode()).hexdigest()
    if kept := _cache().get(name):
        return _fill(CSS(string="", **more), kept, more.get("counter_style"))
    counters, rules = {} if more.get("counter_style") is None else more["counter_style"], more.get("page_rules")
    before = len(rules or ())
    with complaints() as heard:
        sheet = CSS(string=text, **more)
    if not heard:
        _cache().put(name, _frozen(sheet.matcher, sheet.page_rules[before:], counters if "@counter-style" in text else {}))
    return sheet


@contextmanager
def sheets_read() -> Iterator[None]:
    """Import WeasyPrint with its own style sheet as another process has read it, and without the one for attributes like `bgcolor` until a page asks for it."""
    tinycss2: Any = import_module("tinycss2")  # which WeasyPrint brings, as it does cssselect2
    stock = tinycss2.parse_stylesheet
    tinycss2.parse_stylesheet = lambda *_, **__: []
    try:
        yield
    finally:
        tinycss2.parse_stylesheet = stock
        if html := sys.modules.get("weasyprint.html"):
            _read_own(html)


def _read_own(html: Any) -> None:
    for sheet, text in ((html.UA_STYLESHEET, html.UA), (html.UA_FORM_STYLESHEET, html.UA_FORM)):
        sheet.__dict__.update(vars(read(text, counter_style=html.UA_COUNTER_STYLE)))
    hints = html.PH_STYLESHEET
    hints.__dict__.clear()
    hints.__class__ = _late(html.PH)


def _late(text: str) -> type:
    """The class of a sheet that is read when something of it is asked for."""
    from weasyprint import CSS

    def asked(self: Any, name: str) -> Any:
        self.__class__ = CSS
        self.__init__(string=text)
        return getattr(self, name)

    return type("LateSheet", (CSS,), {"__getattr__": asked})


def _frozen(matcher: Any, page_rules: list[Any], counters: dict[str, Any]) -> bytes:
    """What WeasyPrint made of a sheet. The tokens of a page rule are left out: nobody asks for them."""
    tests: list[Any] = []

    def entry(test: Any, *more: Any) -> tuple[Any, ...]:
        tests.append(test.__code__)
        return len(tests) - 1, *more

    def bucket(found: Any) -> Any:
        return {key: [entry(*one) for one in some] for key, some in found.items()} if isinstance(found, dict) else [entry(*one) for one in found]

    buckets = {name: bucket(getattr(matcher, name)) for name in _BUCKETS}
    pages = [(None, *rest) for _, *rest in page_rules]
    return pickle.dumps((buckets, matcher.order, pages, counters, marshal.dumps(tests)), pickle.HIGHEST_PROTOCOL)


def _fill(sheet: Any, kept: bytes, counter_style: dict[str, Any] | None) -> Any:
    """Give an empty sheet what was kept of another."""
    compiler = import_module("cssselect2.compiler")
    names = {"__builtins__": builtins, "split_whitespace": compiler.split_whitespace, "ascii_lower": compiler.ascii_lower, "urlparse": compiler.urlparse}
    buckets, order, pages, counters, tests = pickle.loads(kept)  # noqa: S301  what this user's own process wrote
    functions = [FunctionType(code, names) for code in marshal.loads(tests)]  # noqa: S302
    for name, found in buckets.items():
        if isinstance(found, dict):
            getattr(sheet.matcher, name).update({key: [(functions[number], *more) for number, *more in some] for key, some in found.items()})
        else:
            getattr(sheet.matcher, name).extend((functions[number], *more) for number, *more in found)
    sheet.matcher.order = order
    sheet.page_rules.extend(pages)
    if counter_style is not None:
        counter_style.update(counters)
    return sheet


@contextmanager
def complaints() -> Iterator[list[str]]:
    """What WeasyPrint says meanwhile."""
    found: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)


@lru_cache(maxsize=1)
def _cache() -> UserCache:
    """Sheets read by the installed WeasyPrint, tinycss2 and cssselect2."""
    packages = [import_module(name).__file__ or "" for name in ("weasyprint.css", "tinycss2", "cssselect2")]
    return UserCache(place("sheets"), (__file__, *(file for package in packages for file in sorted(Path(package).parent.rglob("*.py")))))
