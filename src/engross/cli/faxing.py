"""What the sending commands say and ask of faxes: their price, what cannot be read, faxes by hand and their confirmation sheets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from engross.artifact import Artifact
    from engross.dispatch.channel import Item
    from engross.dispatch.fax.legible import Gate, Override
    from engross.dispatch.published import Published
    from engross.ledger import Delivery, Ledger, State, Stored
    from engross.proof.sets import Proved

UnreadableBy = Annotated[str, typer.Option("--unreadable-by", help="Role of who has faxes sent that cannot be read; with --because.")]
Because = Annotated[str, typer.Option("--because", help="Why they are sent nevertheless: kept with the deliveries.")]
Dialled = Annotated[str, typer.Option("--dialled", help="Of a confirmation sheet: the number, as +12025550101.")]
Pages = Annotated[int, typer.Option("--pages", help="Of a confirmation sheet: pages it reports as sent.", min=0)]
Good = Annotated[bool, typer.Option("--ok", help="The confirmation sheet says OK.")]
Machine = Annotated[str, typer.Option("--machine", help="Of a confirmation sheet: what the other machine calls itself.")]
Ecm = Annotated[bool, typer.Option("--ecm", help="The confirmation sheet shows ECM.")]


@dataclass(frozen=True, slots=True)
class SheetSaid:
    """A confirmation sheet as a person typed it in."""

    dialled: str
    pages: int
    ok: bool
    machine: str
    ecm: bool


def override(by: str, because: str) -> Override | None:
    """Who wants unreadable faxes sent, and why; None when nobody does."""
    from engross.dispatch.fax.legible import Override

    if bool(by) != bool(because):
        raise typer.BadParameter("a role and a reason belong together", param_hint="--unreadable-by --because")
    return Override(by, because) if by else None


def number(typed: str) -> str:
    """A number that a person typed in, as it is dialled and as a cover made for it has it.

    Raises:
        UsageError: it is none.
    """
    from engross.content.contact import read_fax
    from engross.errors import Position, UsageError

    dialled, problems = read_fax(typed, Position("--address"))
    if not dialled:
        raise UsageError(problems[0].message, hint=problems[0].hint)
    for problem in problems:
        frame.warn(f"warning: {problem.message}: {problem.hint}")
    return dialled


def look(items: Sequence[Item], gate: Gate, states: Mapping[Delivery, State]) -> list[Item]:
    """Read the faxes that are still to go, say once for each language and office what they cost, and give the items with what cannot be read as warnings."""
    from engross.dispatch.fax.legible import price
    from engross.errors import OutsideError
    from engross.ledger import Channel, Status

    told: set[tuple[str, str]] = set()
    seen: list[Item] = []
    with frame.progress() as bar:
        for number, item in enumerate(items):
            state = states.get(item.delivery)
            if item.delivery.channel is not Channel.FAX or (state and state.status not in (Status.PLANNED, Status.DEFERRED, Status.HELD)):
                seen.append(item)
                continue
            bar(f"reading {item.delivery.recipient} {item.delivery.packet}", number, len(items))
            try:
                reading = gate.read(item)
                parts, problems = reading.parts, [f"cannot be read: {one}" for one in by_pages(reading.problems, item.delivery.letter)]
            except OutsideError as error:
                parts, problems = {}, [f"was not read: {error.message}"]
            seen.append(replace(item, warnings=(*item.warnings, *problems)))
            if (key := (item.delivery.packet, item.office.id)) not in told:
                told.add(key)
                frame.say(f"fax {key[0]} from {key[1]}: {price(next(data for path, data in item.files.items() if path.endswith('.tif')), parts)}")
    return seen


def by_pages(problems: Iterable[str], letter: str) -> Iterator[str]:
    """What cannot be read, with the pages together that it is said of. What the margins of all pages lack was hardly spoilt: the settings are newer than the faxes."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        what, _, page = problem.rpartition(" of page ")
        found.setdefault(what if page.isdecimal() else problem, []).append(page if what and page.isdecimal() else "")
    for what, pages in found.items():
        if not pages[0]:
            yield what
            continue
        cause = (
            f"; were the office's settings changed after the faxes were made? engross build {letter} --official makes them again" if "[fax-margin]" in what and pages[1:] else ""
        )
        yield f"{what} of page{'s' if pages[1:] else ''} {', '.join(pages)}{cause}"


def prices(results: Iterable[Proved]) -> Iterator[str]:
    """What the faxes that were read cost, a line for each language and office: covers make hardly a difference."""
    told: set[tuple[str, str, str]] = set()
    for result in results:
        key = (result.letter, result.language, result.office)
        if result.price and key not in told:
            told.add(key)
            yield f"{result.letter}: fax {result.language}{f' from {result.office}' if result.office else ''}: {result.price}"


def parted(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Those that a program sends, and faxes of offices that send by hand."""
    from engross.ledger import Channel

    by_hand = [item for item in items if item.delivery.channel is Channel.FAX and item.office.fax_server and item.office.fax_server.kind == "manual"]
    return [item for item in items if item not in by_hand], by_hand


def hand_out(items: Iterable[Item], published: Published, ledger: Ledger, gate: Gate, now: datetime) -> bool:
    """Plan faxes that people send, and say what to do for each; whether all can be sent."""
    from engross.dispatch.fax import manual
    from engross.errors import EngrossError
    from engross.render import tiff

    items, good = list(items), True
    known = {state.delivery for state in ledger.deliveries()}
    ledger.plan({item.delivery: item.address for item in items if item.delivery not in known}, now)
    for item in items:
        state = ledger.state(item.delivery)
        if state is None or not state.due(now):
            frame.say(f"{item.delivery.recipient}  fax {item.delivery.packet}  {state.status.value if state else 'unknown'}")
            continue
        try:
            kept = gate.admit(item)
            path, data = next((path, data) for path, data in item.files.items() if path.endswith(".tif"))
            pages = tiff.read(data)
            printed = _paper_anew(item, data) if item.anew else _paper(published, path, pages)
        except EngrossError as error:
            frame.say(f"{item.delivery.recipient}  fax {item.delivery.packet}  not sent: {error.message}")
            good = False
            continue
        if "unreadable" in kept:
            ledger.note(item.delivery, now=now, details={"what": "sent by hand although it cannot be read", **kept})
        if item.anew:
            _keep(ledger, item, data, now)
        manual.hand_out(ledger, item.delivery, now)
        frame.say_lines(manual.instructions(str(printed), item.address, item.mission.fax, len(pages), item.delivery))
    return good


def _paper(published: Published, path: str, pages: Sequence[Any]) -> Path:
    """The PDF to print, which has the pixels of the TIFF."""
    from engross.errors import EngrossError
    from engross.render.fax_pdf import absent

    entry = next((one for one in published.manifest.artifacts if one.path == path.removesuffix(".tif") + ".pdf"), None)
    if entry is None or absent(published.read(entry), pages):
        raise EngrossError(f"there is no PDF with the pages of {path}", hint="build the edition again")
    return published.folder / entry.path


def _paper_anew(item: Item, data: bytes) -> Path:
    """The PDF to print of a fax whose cover is not in the edition; it lies where the ledger of this user lies."""
    from engross.dispatch.fax.gateway import as_pdf
    from engross.files import write_atomic
    from engross.ledger.location import private_folder, state_folder

    delivery = item.delivery
    path = state_folder() / "by-hand" / f"{delivery.letter}.{delivery.edition}.{delivery.recipient}.{delivery.packet}.pdf"
    private_folder(path.parent)
    write_atomic(path, as_pdf(data, item))
    return path


def _keep(ledger: Ledger, item: Item, data: bytes, now: datetime) -> None:
    """Keep a fax that is in no edition, with its digest: once, however often it is handed out."""
    stored = ledger.objects.put(data)
    if not any(stored.digest in str(event.data.get("evidence", "")) for event in ledger.events(item.delivery)):
        ledger.note(item.delivery, now=now, evidence=stored, details={"what": f"handed out with a cover made anew for {item.address}"})


def record_sheet(  # noqa: PLR0917 - one by one what a sheet is compared with
    ledger: Ledger, delivery: Delivery, artifacts: Iterable[Artifact], number: str, sheet: SheetSaid, evidence: Stored, by: str, occurred: datetime, now: datetime
) -> State:
    """Enter a confirmation sheet."""
    from engross.dispatch.fax import manual

    fax = next((one for one in artifacts if one.kind == "fax-tiff" and one.mission == delivery.recipient and one.language == delivery.packet), None)
    if fax is None or not sheet.dialled:
        raise typer.BadParameter("a fax is entered with -l LANGUAGE and what its confirmation sheet says: --dialled, --pages, --ok, --machine, --ecm", param_hint="ACTION")
    before = ledger.state(delivery)
    said = manual.Sheet(sheet.dialled, sheet.pages, sheet.ok, sheet.machine, sheet.ecm)
    number = before.address if before else number
    return manual.record(ledger, delivery, said, ledger.objects.get(evidence.digest), number=number, pages=fax.pages or 0, by=by, occurred=occurred, now=now)


def unreadable(ledger: Ledger, state: State) -> dict[str, Any] | None:
    """Who had a fax sent although it cannot be read, why, and what cannot be read; None when nobody had."""
    found = [event.data["unreadable"] for event in ledger.events(state.delivery) if "unreadable" in event.data]
    return dict(found[-1]) if found else None
