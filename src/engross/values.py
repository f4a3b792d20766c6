"""Classes of values: as `dataclass(frozen=True, slots=True)` makes them, in a third of the time.

`dataclasses` writes six methods for each class as source text and compiles them, whenever a program starts: 80 classes of a build took 29 ms. Here only
`__init__` is compiled; the others are the same few lines for all classes. A value is also made and pickled twice as fast, which a letter is for each worker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots. What the class has defined itself stays."""
    own = {name for name, what in vars(cls).items() if not (name == "__hash__" and what is None)}  # None: Python puts it beside an `__eq__`
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    listed = fields(made)  # type: ignore[arg-type]
    if any(each.kw_only is True or "InitVar" in str(each.type) for each in made.__dataclass_fields__.values()):  # type: ignore[attr-defined]
        raise TypeError(f"{cls.__name__}: a value has neither InitVar nor fields by keyword only")
    methods = [_init(made, listed), *_frozen(), *_seen(listed), *_pickled(made, listed)]
    for method in methods:
        if method.__name__ not in own:
            method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
            setattr(made, method.__name__, method)
    return made


def _init(made: Any, listed: tuple[Field[Any], ...]) -> Callable[..., None]:
    """`__init__`, which gives each slot its value without asking for it by name."""
    outer: dict[str, Any] = {"_missing": MISSING}
    parameters, lines = [], []
    for each in listed:
        name, default = each.name, f"_default_{each.name}"
        outer[f"_set_{name}"] = getattr(made, name).__set__
        given = each.default is not MISSING or each.default_factory is not MISSING
        if given:
            outer[default] = each.default_factory if each.default is MISSING else each.default
        if each.init:
            parameters.append(name if not given else f"{name}={default if each.default is not MISSING else '_missing'}")
        if each.default_factory is not MISSING:
            lines.append(f"_set_{name}(self, {f'{default}() if {name} is _missing else {name}' if each.init else f'{default}()'})")
        elif each.init or given:
            lines.append(f"_set_{name}(self, {name if each.init else default})")
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def make({', '.join(outer)}):\n def __init__({', '.join(('self', *parameters))}):\n  " + "\n  ".join(lines or ["pass"]) + "\n return __init__"
    made_of: dict[str, Any] = {}
    exec(text, vars(sys.modules[made.__module__]), made_of)  # noqa: S102  as `dataclasses` does; names of fields are identifiers
    init: Callable[..., None] = made_of["make"](**outer)
    init.__annotations__ = {each.name: each.type for each in listed if each.init} | {"return": None}
    return init


def _frozen() -> tuple[Callable[..., None], ...]:
    def __setattr__(_: object, name: str, __: object) -> None:  # noqa: N807
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(_: object, name: str) -> None:  # noqa: N807
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    return __setattr__, __delattr__


def _seen(listed: tuple[Field[Any], ...]) -> tuple[Callable[..., Any], ...]:
    """How a value is compared, hashed and shown."""
    compared = _values([each.name for each in listed if each.compare])
    hashed = _values([each.name for each in listed if (each.compare if each.hash is None else each.hash)])
    shown = [each.name for each in listed if each.repr]
    to_show = _values(shown)

    def __eq__(self: object, other: object) -> Any:  # noqa: N807
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:  # noqa: N807
        return hash(hashed(self))

    @recursive_repr()
    def __repr__(self: object) -> str:  # noqa: N807
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={each!r}' for name, each in zip(shown, to_show(self), strict=True))})"

    return __eq__, __hash__, __repr__


def _pickled(made: Any, listed: tuple[Field[Any], ...]) -> tuple[Callable[..., Any], ...]:
    values = _values([each.name for each in listed])
    setters = [getattr(made, each.name).__set__ for each in listed]

    def __getstate__(self: object) -> tuple[object, ...]:  # noqa: N807
        return values(self)

    def __setstate__(self: object, state: tuple[object, ...]) -> None:  # noqa: N807
        for give, each in zip(setters, state, strict=True):
            give(self, each)

    return __getstate__, __setstate__


def _values(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    """What looks up these fields of a value."""
    if len(names) > 1:
        return attrgetter(*names)
    return (lambda self: (getattr(self, names[0]),)) if names else (lambda _: ())
