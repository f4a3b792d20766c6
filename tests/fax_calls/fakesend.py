"""Stands in for HylaFAX's faxsend: called as `faxsend -m MODEM QFILE…` by faxq, it makes no call but writes the record as faxsend would.

The last four digits of the number say what happens at the other end. Exit: 0 to be tried again, 1 failed, 2 done.
"""

import fcntl
import sys
import time
from pathlib import Path

ENDS = {
    "0111": ("busy", "Busy signal detected", 0),
    "0112": ("no answer", "No answer from remote", 0),
    "0113": ("partial", "No response to MPS repeated 3 tries", 1),
    "0114": ("no confirmation", "No response to EOP repeated 3 tries", 1),
}


def main():
    world, record = sys.argv[1], sys.argv[-1]
    with Path(record).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read().splitlines()
        lines = dict(line.split(":", 1) for line in before if ":" in line)
        new: dict[str, str] = {}
        number, total = lines["number"], int(lines["totpages"] or 0)
        session = f"{time.time_ns() % 100000000:08}"
        with Path(world, "calls").open("a") as calls:
            calls.write(f"{lines['jobtag']}\t{number}\t{total}\n")
        while Path(world, f"line-{number[-4:]}").exists():
            time.sleep(0.02)
        end, words, code = ENDS.get(number[-4:], ("done", "", 2))
        dials, tries = int(lines["totdials"]) + 1, int(lines["tottries"])
        answered = end not in {"busy", "no answer"}
        pages = {"done": total, "partial": total - 2, "no confirmation": total - 1}.get(end, 0)
        new.update(totdials=str(dials), tottries=str(tries + answered), ndials=str(0 if answered else dials), npages=str(max(pages, 0)), commid=session, status=words)
        if answered:
            new.update(csi="+1 202 555 0101", signalrate="14400 bit/s", dataformat="2-D MMR")
        if code == 0 and dials >= int(lines["maxdials"]):
            code, new["status"] = 1, f"{words}; too many attempts to dial"
        new["returned"] = str(code)
        with Path(f"log/c{session}").open("w") as log:
            log.write(
                f"Nov 24 08:00:00.00: [ 1]: SESSION BEGIN {session} {number[1:]}\nNov 24 08:01:00.00: [ 1]: USE error correction mode\nNov 24 08:02:00.00: [ 1]: SESSION END\n"
            )
        file.seek(0)
        kept = [line for line in before if line.split(":", 1)[0] not in new]
        file.write("".join(f"{line}\n" for line in [*kept, *(f"{name}:{value}" for name, value in new.items())]))
        file.truncate()
    return code


sys.exit(main())
