"""A class of values is what `dataclass(frozen=True, slots=True)` would make of it."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import KW_ONLY, FrozenInstanceError, InitVar, dataclass, field
from typing import Any, ClassVar

import pytest

from engross.errors import Position
from engross.letter import Segment
from engross.values import value_class


def defined(decorate: Callable[[type], type]) -> dict[str, Any]:
    """The same classes, made by either decorator."""

    @decorate
    class Point:
        """A point."""

        x: int
        y: int = 0

    @decorate
    class Tree:
        """One of a tree."""

        name: str
        children: tuple[Any, ...] = ()
        notes: list[str] = field(default_factory=list, compare=False)
        secret: str = field(default="", repr=False)
        kept: int = field(init=False, default=7)
        kinds: ClassVar[int] = 2

        @property
        def first(self) -> Any:
            return self.children[0]

    @decorate
    class Empty:
        """Nothing."""

    @decorate
    class One:
        """One field, and its own words."""

        text: str

        def __str__(self) -> str:
            return self.text

        def __repr__(self) -> str:
            return "own"

    @decorate
    class Odd:  # noqa: PLW1641
        """Its own equality."""

        text: str
        found: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "found", len(self.text))

        def __eq__(self, other: object) -> bool:
            return isinstance(other, self.__class__) and self.text[0] == other.text[0]

    return {kind.__name__: kind for kind in (Point, Tree, Empty, One, Odd)}


OURS, THEIRS = defined(value_class), defined(dataclass(frozen=True, slots=True))


def show(act: Callable[[], Any]) -> str:
    """What comes of something, a failure too."""
    try:
        return repr(act()).replace(str(OURS), "").replace("defined.<locals>.", "")
    except Exception as error:  # noqa: BLE001  a failure has to be the same failure
        return f"{type(error).__name__}: {error}".replace("defined.<locals>.", "")


ACTS: list[Callable[[dict[str, Any]], Any]] = [
    lambda k: k["Point"](1),
    lambda k: k["Point"](1, 2),
    lambda k: k["Point"](y=1, x=2),
    lambda k: k["Point"](),
    lambda k: k["Point"](1, 2, 3),
    lambda k: k["Point"](1, z=3),
    lambda k: k["Point"](1) == k["Point"](1, 0),
    lambda k: k["Point"](1) == (1, 0),
    lambda k: k["Point"](1) != k["Point"](2),
    lambda k: k["Point"](1) < k["Point"](2),
    lambda k: {k["Point"](1): 1}[k["Point"](1, 0)],
    lambda k: setattr(k["Point"](1), "x", 2),
    lambda k: delattr(k["Point"](1), "x"),
    lambda k: k["Point"](1).__dict__,
    lambda k: dataclasses.replace(k["Point"](1), y=3),
    lambda k: dataclasses.replace(k["Point"](1), z=3),
    lambda k: dataclasses.replace(k["Tree"]("a"), kept=3),
    lambda k: dataclasses.asdict(k["Tree"]("a", (k["Point"](1),))),
    lambda k: [f.name for f in dataclasses.fields(k["Tree"])],
    lambda k: k["Tree"]("a", (k["Tree"]("b"),)),
    lambda k: k["Tree"]("a", (k["Tree"]("b"),)).first,
    lambda k: k["Tree"]("a", notes=["x"]) == k["Tree"]("a"),
    lambda k: hash(k["Tree"]("a", notes=["x"])) == hash(k["Tree"]("a")),
    lambda k: k["Tree"]("a", secret="x") == k["Tree"]("a"),
    lambda k: k["Tree"]("a").notes is k["Tree"]("a").notes,
    lambda k: k["Tree"].kinds,
    lambda k: (k["Empty"](), k["Empty"]() == k["Empty"](), hash(k["Empty"]())),
    lambda k: (str(k["One"]("a")), k["One"]("a"), k["One"]("a") == k["One"]("a"), hash(k["One"]("a")) == hash(k["One"]("a"))),
    lambda k: (k["Odd"]("ab") == k["Odd"]("ac"), k["Odd"]("abc").found),
    lambda k: hash(k["Odd"]("ab")) == hash(k["Odd"]("ac")),
    lambda k: [k["Tree"].__match_args__, k["Tree"].__slots__, k["Tree"].__doc__, k["Tree"].__qualname__, k["Tree"].__module__],
    lambda k: [str(inspect.signature(k[name])).replace("<factory>", "").split(" ->")[0].split("=")[0] for name in ("Point", "One", "Odd")],
    lambda k: copy.copy(k["Tree"]("a", (1,))),
    lambda k: copy.deepcopy(k["Tree"]("a", (k["Point"](1),))),
    lambda k: dataclasses.is_dataclass(k["Empty"]),
]


@pytest.mark.parametrize("act", ACTS)
def test_a_value_is_a_frozen_dataclass(act: Callable[[dict[str, Any]], Any]) -> None:
    assert show(lambda: act(OURS)) == show(lambda: act(THEIRS))


def test_a_value_may_hold_itself_and_is_shown_once() -> None:
    node = OURS["Tree"]("a", notes=[])
    node.notes.append(node)
    assert repr(node) == "defined.<locals>.Tree(name='a', children=(), notes=[...], kept=7)"


def test_a_value_travels_between_processes() -> None:
    segment = Segment("paragraph", "text", Position("f", 1), "s1", "en", "d", ("hint",))
    again = pickle.loads(pickle.dumps(segment, pickle.HIGHEST_PROTOCOL))
    assert again == segment
    assert (again.hints, again.optional) == (("hint",), False)
    with pytest.raises(FrozenInstanceError):
        again.text = "other"


def test_what_it_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="InitVar"):

        @value_class
        class Passing:
            """A field that is none."""

            x: InitVar[int]

    with pytest.raises(TypeError, match="keyword"):

        @value_class
        class Named:
            """By keyword only."""

            _: KW_ONLY
            x: int
