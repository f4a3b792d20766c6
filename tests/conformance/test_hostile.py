"""Files that were made to break a reader end in findings: no exception, no endless loop."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from engross import conformance
from tests.conformance.faults import elements, saved


def tree_in_a_circle(pdf: Any) -> None:
    paragraph = elements(pdf, "P")[0]
    paragraph.K.append(pdf.Root.StructTreeRoot.K[0])


def tree_of_three_thousand_levels(pdf: Any) -> None:
    inner = elements(pdf, "Div")[0]
    for _ in range(3000):
        outer = inner
        inner = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Div, P=outer, K=Array()))
        outer.K.append(inner)
    inner.S = Name.Unknown


def bookmarks_in_a_circle(pdf: Any) -> None:
    pdf.Root.Outlines.First.Next = pdf.Root.Outlines.First


def form_that_draws_itself(pdf: Any) -> None:
    form = pdf.make_stream(b"/Fm Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]))
    form.Resources = Dictionary(XObject=Dictionary(Fm=form))
    pdf.pages[0].Resources.XObject = Dictionary(Fm=form)
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes() + b"\n/Artifact BMC /Fm Do EMC\n")


def names_in_a_circle(pdf: Any) -> None:
    node = pdf.make_indirect(Dictionary(Names=Array([String("z"), 1])))
    node.Kids = Array([node])
    pdf.Root.Names.EmbeddedFiles = node


def entities_in_xmp(pdf: Any) -> None:
    bomb = b'<?xpacket begin=""?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x><?xpacket end="r"?>'
    pdf.Root.Metadata = pdf.make_stream(bomb, Type=Name.Metadata, Subtype=Name.XML)


def nothing_is_what_it_should_be(pdf: Any) -> None:
    root = pdf.Root
    root.Names, root.Outlines, root.AF, root.OutputIntents, root.MarkInfo = 1, String("x"), Name.x, Array([1, Array()]), Array()
    root.StructTreeRoot.ParentTree = 7
    pdf.pages[0].Resources.Font = Array([1])
    pdf.pages[0].Annots = Array([1, String("x"), Dictionary()])


@pytest.mark.parametrize(
    "put",
    [tree_in_a_circle, tree_of_three_thousand_levels, bookmarks_in_a_circle, form_that_draws_itself, names_in_a_circle, entities_in_xmp, nothing_is_what_it_should_be],
)
def test_a_trap_is_a_finding(good: bytes, put: Callable[[Any], None]) -> None:
    assert conformance.check(saved(good, put))


@pytest.mark.parametrize("seed", range(8))
def test_objects_overwritten_at_random_end_in_findings(good: bytes, seed: int) -> None:
    chance = random.Random(seed)
    data = saved(good, lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    places = [match.span() for match in re.finditer(rb"/[A-Z][A-Za-z]+|\d+ 0 R|<<", data)]
    damaged = bytearray(data)
    for begin, end in chance.sample(places, 40):
        damaged[begin:end] = data[slice(*chance.choice(places))][: end - begin].ljust(end - begin)
    assert conformance.check(bytes(damaged))
