"""What a fax costs and how well it can be read, in every language. `python benchmarks/fax.py` prints the tables of benchmarks/RESULTS.md.

The letter's fax pages are made as an official build makes them, decoded, read by tesseract and compared with the letter. Seconds are those of the page alone on the line:
coded bytes at that speed, and what lies between two pages. A part costs what its rows take when they are coded alone; what white rows take belongs to none.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engross.proof import faxcost, faxpage
from engross.proof.fax import legibility
from engross.render import fax, tiff
from tests.fax.letters import LANGUAGES, Case, case


def read(lang: str, resolution: str, coding: str) -> tuple[Case, bytes]:
    """A language's case and its whole fax for the first mission."""
    this = case(lang)
    pages = this.pages(resolution=resolution, coding=coding)
    return this, fax.tiff(this.covers(this.letter.cc[:1], len(pages), resolution=resolution, coding=coding)[0], pages)


def seconds(size: int) -> str:
    """Of a page, at each speed."""
    return " | ".join(f"{fax.PAGE_SECONDS + size * 8 / rate:.0f}" for rate in fax.RATES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", default="fine", choices=list(tiff.RESOLUTIONS))
    parser.add_argument("--coding", default="mmr", choices=list(tiff.CODINGS))
    parser.add_argument("-l", "--language", action="append", help="a language; may be given several times")
    chosen = parser.parse_args()
    speeds = " | ".join(f"s at {rate:,}" for rate in fax.RATES)
    print(f"{chosen.resolution}, {chosen.coding}\n\n| language | page | characters misread | black | bytes | {speeds} |\n|---|---|---|---|---|{'---|' * len(fax.RATES)}")
    parts: dict[str, tuple[int, dict[str, int]]] = {}
    problems: list[str] = []
    for lang in chosen.language or LANGUAGES:
        this, data = read(lang, chosen.resolution, chosen.coding)
        report = legibility(data, this.wanted(), mission=this.letter.cc[0])
        found, pages = fax.cost(data), tiff.read(data)
        rates = {page.number: f"{page.cer:.2%}" for page in report.pages}
        for number, size in enumerate(found.page_bytes, 1):
            print(f"| {lang} | {number}{' (cover)' if number == 1 else ''} | {rates.get(number, '')} | {faxpage.coverage(pages[number - 1]):.1%} | {size:,} | {seconds(size)} |")
        whole = " | ".join(f"{found.seconds[rate]:.0f}" for rate in fax.RATES)
        print(f"| {lang} | all {found.pages}, with the call | | | {found.bytes:,} | {whole} |", flush=True)
        parts[lang] = found.bytes, dict(report.costs)
        problems += [f"{lang}: [{one.code}] {one.message}" for one in report.problems]
    print(f"\n| part | {' | '.join(parts)} |\n|---|{'---|' * len(parts)}")
    for part in sorted({part for _, sizes in parts.values() for part in sizes}, key=lambda part: -sum(sizes.get(part, 0) for _, sizes in parts.values())):
        print(f"| {part} | {' | '.join(f'{sizes.get(part, 0):,} ({sizes.get(part, 0) / total:.0%})' for total, sizes in parts.values())} |")
    assert all(set(sizes) <= set(faxcost.PARTS) for _, sizes in parts.values())
    print("\n" + ("\n".join(problems) or "The gate found nothing."))


if __name__ == "__main__":
    main()
