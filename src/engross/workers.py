"""Runs the tasks of a build on several processes, with the same bytes as on one."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from engross.artifact import Artifact, digest
from engross.errors import EngrossError, Rejected
from engross.files import read_or_empty, write_staged
from engross.pool import Pool
from engross.task import Task

Rendered = tuple[str, bytes, int | None]
"""Path, bytes and page count of a product."""
Check = Callable[[Task, str, bytes, int | None], None]
"""Looks at a product where it was rendered, and raises if it must not go out. A function of a module, so that processes find it."""
Outcome = list[Artifact] | EngrossError
Progress = Callable[[str, int, int], None]
"""Called with what was made, how many are done, and how many there are."""


@runtime_checkable
class Forerunners(Protocol):
    """Who renders tasks on processes of its own, and may begin before it is certain that they are wanted."""

    def begin(self, tasks: Sequence[Task], jobs: int, check: Check | None = None, stage: Path | None = None) -> None:
        """Start on the last tasks that `run` is going to ask for."""

    def run(self, tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
        """As `run` of this module."""

    def dismiss(self) -> None:
        """Stop, whatever was begun, and write nothing any more."""


class Renderers(Protocol):
    """Who renders tasks on processes of its own."""

    def run(self, tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
        """As `run` of this module."""


def run(tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
    """Render every task, look at what comes out if `check` says how, and write it below `stage`.

    Each process writes what it has rendered at once and keeps only what the manifest says of it, so that memory does not grow with the number of faxes.
    Without a stage nothing is written. The processes are forked before anything touches Pango, whose threads do not survive a fork; where WeasyPrint is
    already loaded (a long-lived process) the tasks run one after another in this one.

    Raises:
        EngrossError: one or more tasks failed; the message has every failure. Tasks not yet begun are not run.
    """
    with closing(outcomes(tasks, jobs, check, stage)) as found:
        return collect(tasks, found, progress)


def collect(tasks: Sequence[Task], found: Iterable[tuple[Task, Outcome]], progress: Progress) -> list[Artifact]:
    """The artefacts of all outcomes, as they come.

    Raises:
        EngrossError: as `run`.
    """
    made: list[Artifact] = []
    failures: list[EngrossError] = []
    for done, (task, outcome) in enumerate(found, 1):
        if isinstance(outcome, EngrossError):
            failures.append(outcome)
        else:
            made += outcome
        progress(task.title, done, len(tasks))
    if failures:
        raise _together(failures)
    return made


def outcomes(tasks: Sequence[Task], jobs: int, check: Check | None, stage: Path | None, *, ready: bool = False) -> Generator[tuple[Task, Outcome]]:
    """Each task with what became of it, in the order in which they end; `ready` if this process was made ready (`make_ready`) and did nothing since."""
    count = min(jobs or os.cpu_count() or 1, len(tasks))
    if not count or ("weasyprint" in sys.modules and not ready):
        yield from ((task, attempt(task, check, stage)) for task in tasks)
        return
    if not ready:
        make_ready(tasks[0].layout.root, {task.format for task in tasks})
    pool = Pool(count, len(tasks), lambda number: attempt(tasks[number], check, stage), _begin)
    try:
        for number, outcome in pool:
            if isinstance(outcome, EngrossError):
                pool.withdraw()
            yield tasks[number], outcome
    finally:
        pool.end()  # what is still written would come after the stage was cleared away


def make_ready(layouts: Path, formats: Collection[str] = ("pdf", "fax", "docx")) -> None:
    """Load what tasks of these formats need, once for all processes that are forked from this one: libraries, templates, style sheets.

    Raises:
        OutsideError: WeasyPrint or a library it needs is missing or of another version.
    """
    laid_out = {"pdf": ("letter.html", "blocks.html"), "fax": ("fax.html", "fax-cover.html", "fax-page.html"), "bilingual": ("bilingual.html",)}
    templates = [name for kind, names in laid_out.items() if kind in formats for name in names]
    if templates:
        from engross.render import pages, weasy

        weasy.warm(layouts / "fonts", [text for name in ("letter.css", "fax.css") if (text := read_or_empty(layouts / name).decode("utf-8", "replace"))])
        pages.compile_ahead(layouts, templates)
    if "pdf" in formats:
        from engross.render import pdf  # noqa: F401
    if "fax" in formats:
        from engross.render import fax, raster, tiff  # noqa: F401

        raster.load()
        tiff.load()
    if "docx" in formats:
        from engross.render import docx

        docx.load()


def _begin() -> None:
    """A process that renders: what was loaded before the fork is no garbage to look through between two chunks of covers."""
    gc.freeze()
    gc.disable()
    keep_memory()
    if "engross.render.weasy" in sys.modules:
        from engross.render import weasy

        weasy.spent = deque(maxlen=LEFT_WHOLE)


LEFT_WHOLE = 8
"""Documents that a process leaves as they are when they have been written: it ends soon, and to take one apart takes longer than to let it lie."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3), glibc."""
_MADV_HUGEPAGE = 14
"""Of madvise(2), Linux."""
_HEAP = 31 << 20
"""Bytes: what rendering a letter lets the heap grow by, and less than what would not come from the heap."""


def keep_memory() -> None:
    """Let the C library keep what a page of a fax or a document took for the next one; else the system takes it back and clears it anew, page by page.

    Bitmaps of up to 32 MiB come from the heap, and up to 256 MiB of it stay. Its next pages are large ones where the system has them for those who ask
    (`madvise`, Linux): one fault instead of five hundred. Where the C library has no `mallopt` nothing changes.
    """
    with suppress(AttributeError, OSError, TypeError, ValueError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        library.mallopt(_M_TRIM_THRESHOLD, 256 << 20)
        library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        if start := library.malloc(_HEAP):
            page = os.sysconf("SC_PAGE_SIZE")
            library.madvise(-(-start // page) * page, _HEAP - page, _MADV_HUGEPAGE)
            library.free(start)


def attempt(task: Task, check: Check | None, stage: Path | None) -> Outcome:
    """The products of a task as the manifest lists them, or what went wrong as a value that survives the way between processes."""
    entries: list[Artifact] = []
    try:
        for path, data, pages in produce(task):
            if check:
                check(task, path, data, pages)
            if stage:
                write_staged(stage / path, data)
            product = task.products[path]
            entries.append(Artifact(path, digest(data), len(data), product.kind, product.language, product.recipe, pages, product.mission))
    except EngrossError as error:
        return error
    return entries


def _together(failures: Sequence[EngrossError]) -> EngrossError:
    problems = [problem for failure in failures if isinstance(failure, Rejected) for problem in failure.problems]
    if problems:
        return Rejected(problems)
    first = failures[0]
    first.message = "\n".join(dict.fromkeys(failure.message for failure in failures))
    return first


def produce(task: Task) -> Iterator[Rendered]:
    """The products of a task, each as soon as it is there."""
    if task.format == "fax":
        yield from _faxes(task)
    elif task.format == "bilingual":
        yield from _bilingual(task)
    else:
        from engross.render import RENDERERS

        data = RENDERERS[task.format](task.version.letter, task.version.labels, task.layout)
        pages = _pages(data) if task.format == "pdf" else None
        yield from ((path, data, pages) for path in task.products)


def _bilingual(task: Task) -> Iterator[Rendered]:
    from engross.render import bilingual
    from engross.render.word import bilingual as bilingual_word

    for path, product in task.products.items():
        render = bilingual.pdf if product.kind == "bilingual-pdf" else bilingual_word.render
        data = render(task.rows, task.version.letter, task.english, task.layout)
        yield path, data, _pages(data) if product.kind == "bilingual-pdf" else None


def _faxes(task: Task) -> Iterator[Rendered]:
    """The letter's pages laid out and coded once, and each mission's cover put before them."""
    from engross.render import fax

    sender = fax.Sender(**task.sender or {})  # type: ignore[arg-type]
    letter, labels, layout = task.version.letter, task.version.labels, task.layout
    resolution, coding = task.fax
    packets: dict[str, list[tuple[str, str]]] = {}
    for path, product in task.products.items():
        packets.setdefault(product.mission, []).append((path, product.kind))
    missions = [mission for mission in task.missions if mission.id in packets]
    body, covers = fax.packet(letter, labels, task.english, layout, sender, missions, resolution=resolution, coding=coding)
    for mission, cover in zip(missions, covers, strict=True):
        for path, kind in packets[mission.id]:
            yield path, (fax.tiff if kind == "fax-tiff" else fax.pdf)(cover, body), len(body) + 1


def _pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()
