"""A fax to a number that a person has corrected: its cover is made anew, as the number that is dialled must be the one on the cover. The letter's pages stay as they are."""

from __future__ import annotations

from dataclasses import replace

from engross import plan
from engross.dispatch.channel import Item
from engross.edition import Edition
from engross.errors import EngrossError
from engross.project import Project
from engross.render import fax, tiff


def readdressed(project: Project, edition: Edition, item: Item) -> Item:
    """The item with its number on the cover; as it is if the number stands there already.

    Args:
        project: whose layouts and settings the edition was made with.
        edition: the letter, which has the mission under its old number.
        item: a fax, addressed to the number that a person says is right.

    Raises:
        EngrossError: the cover cannot be made, or the edition's fax is no class-F TIFF.
    """
    if item.address == item.mission.fax_e164:
        return item
    ((path, data),) = item.files.items()
    (lang,) = item.languages
    mission = replace(item.mission, fax=item.address, fax_e164=item.address)
    pages = tiff.read(data)
    task = next((one for one in plan.tasks(project, edition, ("fax",), project.settings.paper) if one.version.letter.lang == lang and path in one.products), None)
    if task is None or len(pages) < 2:
        raise EngrossError(f"no cover can be made for {item.delivery}", hint="build the edition again")
    form = {"resolution": next(one.name for one in tiff.RESOLUTIONS.values() if one.dpi == round(pages[0].dpi)), "coding": pages[0].coding}
    layout, sender = replace(task.layout, draft=False), fax.Sender(**task.sender or {})  # type: ignore[arg-type]
    (cover,) = fax.covers(task.version.letter, task.version.labels, task.english, layout, sender, [mission], len(pages) - 1, **form)
    made = fax.tiff(cover, replace(cover, strips=tuple(page.strip for page in pages[1:])))
    return replace(item, mission=mission, files={path: made}, size=len(made), anew=True)
