"""Runs the tasks of a build on several processes, with the same bytes as on one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from engross.artifact import Artifact, digest
from engross.errors import EngrossError, Rejected
from engross.plan import Task


@dataclass(frozen=True, slots=True)
class Made:
    """What the tasks gave."""

    files: dict[str, bytes]
    entries: tuple[Artifact, ...]


Rendered = dict[str, tuple[bytes, int | None]]
"""Bytes and page count of each product of a task, by path."""
Check = Callable[[Task, Rendered], None]
"""Looks at what a task has rendered, where it was rendered, and raises if it must not go out. A function of a module, so that processes find it."""


def run(tasks: Sequence[Task], jobs: int, progress: Callable[[str, int, int], None], check: Check | None = None) -> Made:
    """Render every task, and look at what comes out if `check` says how.

    The processes are forked before anything touches Pango, whose threads do not survive a fork; where WeasyPrint is already loaded
    (a long-lived process) the tasks run one after another in this one.

    Raises:
        EngrossError: one or more tasks failed; the message has every failure. Tasks not yet begun are not run.
    """
    outcomes: list[tuple[Task, Rendered]] = []
    failures: list[EngrossError] = []
    for task, outcome in _outcomes(tasks, jobs, check):
        if isinstance(outcome, EngrossError):
            failures.append(outcome)
        else:
            outcomes.append((task, outcome))
        progress(task.title, len(outcomes) + len(failures), len(tasks))
    if failures:
        raise _together(failures)
    files = {path: data for _, made in outcomes for path, (data, _) in made.items()}
    return Made(files, tuple(_entry(task, path, data, pages) for task, made in outcomes for path, (data, pages) in made.items()))


Outcome = Rendered | EngrossError


def _outcomes(tasks: Sequence[Task], jobs: int, check: Check | None) -> Iterator[tuple[Task, Outcome]]:
    count = min(jobs or os.cpu_count() or 1, len(tasks))
    if not count or "weasyprint" in sys.modules:
        yield from ((task, _attempt(task, check)) for task in tasks)
        return
    if any(task.format in ("pdf", "fax", "bilingual") for task in tasks):
        from engross.render import weasy

        weasy.warm(tasks[0].layout.root / "fonts")
    with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
        futures: dict[Future[Outcome], Task] = {pool.submit(_attempt, task, check): task for task in tasks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
                if isinstance(future.result(), EngrossError):
                    pool.shutdown(wait=False, cancel_futures=True)
                    yield from ((futures[rest], rest.result()) for rest in futures if not rest.cancelled() and rest is not future and rest.running())
                    return
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _attempt(task: Task, check: Check | None) -> Outcome:
    """The products of a task, or what went wrong as a value that survives the way between processes."""
    try:
        made = produce(task)
        if check:
            check(task, made)
    except EngrossError as error:
        return error
    return made


def _together(failures: Sequence[EngrossError]) -> EngrossError:
    problems = [problem for failure in failures if isinstance(failure, Rejected) for problem in failure.problems]
    if problems:
        return Rejected(problems)
    first = failures[0]
    first.message = "\n".join(dict.fromkeys(failure.message for failure in failures))
    return first


def _entry(task: Task, path: str, data: bytes, pages: int | None) -> Artifact:
    product = task.products[path]
    return Artifact(path, digest(data), len(data), product.kind, product.language, product.recipe, pages, product.mission)


def produce(task: Task) -> Rendered:
    """The bytes and page count of each product of a task, by path."""
    if task.format == "fax":
        return _faxes(task)
    if task.format == "bilingual":
        return _bilingual(task)
    from engross.render import RENDERERS

    data = RENDERERS[task.format](task.version.letter, task.version.labels, task.layout)
    pages = _pages(data) if task.format == "pdf" else None
    return dict.fromkeys(task.products, (data, pages))


def _bilingual(task: Task) -> Rendered:
    from engross.render import bilingual
    from engross.render.word import bilingual as bilingual_word

    made: Rendered = {}
    for path, product in task.products.items():
        render = bilingual.pdf if product.kind == "bilingual-pdf" else bilingual_word.render
        data = render(task.rows, task.version.letter, task.english, task.layout)
        made[path] = (data, _pages(data) if product.kind == "bilingual-pdf" else None)
    return made


def _faxes(task: Task) -> Rendered:
    from engross.render import fax

    sender = fax.Sender(**task.sender or {})  # type: ignore[arg-type]
    letter, labels, layout = task.version.letter, task.version.labels, task.layout
    body = fax.letter_pages(letter, labels, layout, sender)
    wanted = {product.mission for product in task.products.values()}
    missions = [mission for mission in task.missions if mission.id in wanted]
    made: Rendered = {}
    for mission, cover in zip(missions, fax.covers(letter, labels, task.english, layout, sender, missions, len(body)), strict=True):
        for path, product in task.products.items():
            if product.mission == mission.id:
                data = fax.tiff(cover, body) if product.kind == "fax-tiff" else fax.pdf(cover, body)
                made[path] = (data, len(body) + 1)
    return made


def _pages(pdf: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()
