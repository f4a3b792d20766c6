"""Covers that no edition has: with a number that a person has corrected, and with the notice that an earlier edition is replaced.

The number that is dialled must be the one on the cover; the notice is for those who had that edition. The letter's pages stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engross import plan
from engross.dispatch.channel import Item
from engross.edition import Edition
from engross.errors import EngrossError
from engross.labels import Labels
from engross.ledger import Channel, Delivery
from engross.letter import Letter
from engross.project import Project
from engross.render import fax, tiff
from engross.task import Task


def with_covers(project: Project, edition: Edition, items: Sequence[Item], corrected: Collection[Delivery]) -> list[Item]:
    """The items, faxes that need another cover than the edition's with that cover.

    Args:
        project: whose layouts and settings the edition was made with.
        edition: the letter, which has the missions under their old numbers.
        items: what is sent.
        corrected: deliveries whose numbers a person has put right; the items are addressed to those.

    Raises:
        EngrossError: a cover cannot be made, or the edition's fax is no class-F TIFF.
    """
    wanted = [_addressed(item, corrected) for item in items if item.delivery.channel is Channel.FAX]
    wanted = [item for item in wanted if item.anew]
    made: dict[Delivery, Item] = {}
    for task in plan.tasks(project, edition, ("fax",), project.settings.paper) if wanted else ():
        for correction in (False, True):
            mine = [item for item in wanted if item.correction is correction and item.languages == (task.version.letter.lang,) and set(item.files) <= set(task.products)]
            made |= {item.delivery: item for item in _made(task, mine, correction=correction)} if mine else {}
    if lost := [str(item.delivery) for item in wanted if item.delivery not in made]:
        raise EngrossError(f"no cover can be made for {', '.join(lost)}", hint="build the edition again")
    return [made.get(item.delivery, item) for item in items]


def _addressed(item: Item, corrected: Collection[Delivery]) -> Item:
    """The item, marked if it needs a cover of its own; its mission with the right number."""
    if item.delivery in corrected and item.address != item.mission.fax_e164:
        return replace(item, mission=replace(item.mission, fax=item.address, fax_e164=item.address), anew=True)
    return replace(item, anew=item.correction)


def _made(task: Task, items: Sequence[Item], *, correction: bool) -> list[Item]:
    """The faxes of one language and office under their new covers."""
    faxes = [tiff.read(next(iter(item.files.values()))) for item in items]
    first = faxes[0]
    if any(len(pages) != len(first) or len(pages) < 2 for pages in faxes):
        raise EngrossError(f"the faxes in {task.version.letter.lang} have different numbers of pages, or no letter after the cover", hint="build the edition again")
    form = {"resolution": next(one.name for one in tiff.RESOLUTIONS.values() if one.dpi == round(first[0].dpi)), "coding": first[0].coding}
    labels = task.version.labels
    letter = _noticed(task.version.letter, labels) if correction else task.version.letter
    layout, sender = replace(task.layout, draft=False), fax.Sender(**task.sender or {})  # type: ignore[arg-type]
    covers = fax.covers(letter, labels, task.english, layout, sender, [item.mission for item in items], len(first) - 1, **form)
    made = [fax.tiff(cover, replace(cover, strips=tuple(page.strip for page in pages[1:]))) for cover, pages in zip(covers, faxes, strict=True)]
    return [replace(item, files={next(iter(item.files)): data}, size=len(data)) for item, data in zip(items, made, strict=True)]


def _noticed(letter: Letter, labels: Labels) -> Letter:
    """The letter with the notice before its cover note."""
    notice = labels.fill("mail_correction", edition=letter.edition, previous=letter.supersedes)
    if letter.cover_note:
        return replace(letter, cover_note=replace(letter.cover_note, text=f"{notice} {letter.cover_note.text}"))
    return replace(letter, cover_note=replace(letter.title, text=notice, markup=False))
