"""LibreOffice without a window as a reviewer: it opens a review file, edits it over UNO with changes tracked, and saves it in Word's form."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

AUTHOR = "Partner organization"

Step = tuple[str, ...]
"""An edit of `_SCRIPT` and its words."""

_SCRIPT = """
import json, sys, time, uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK

source, target, pipe, steps = json.loads(sys.argv[1])
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for attempt in range(300):
    try:
        context = resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
        break
    except NoConnectException:
        time.sleep(0.2)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
doc = desktop.loadComponentFromURL(source, "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))
assert doc.RecordChanges, "the file does not ask for changes to be tracked"

def found(words):
    search = doc.createSearchDescriptor()
    search.SearchString, search.SearchCaseSensitive = words, True
    place = doc.findFirst(search)
    assert place is not None, words
    return place

def substitute(old, new):
    found(old).String = new

def before(words, typed):
    place = found(words)
    place.Text.insertString(place.Start, typed, False)

def after(words, typed):
    place = found(words)
    place.Text.insertString(place.End, typed, False)

def part(words):
    place = found(words)
    place.Text.insertControlCharacter(place.Start, PARAGRAPH_BREAK, False)

def write(words, typed):
    place = found(words)
    cursor = place.Text.createTextCursorByRange(place.End)
    place.Text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)
    place.Text.insertString(cursor, typed, False)

def join(words):
    place = found(words)
    cursor = place.Text.createTextCursorByRange(place.End)
    cursor.goRight(1, True)
    cursor.String = ""

def embolden(words):
    found(words).CharWeight = 150.0

try:
    for name, *words in steps:
        globals()[name](*words)
    doc.storeToURL(target, (PropertyValue("FilterName", 0, "MS Word 2007 XML", 0),))
    print("stored", flush=True)
finally:
    doc.close(True)
    try:
        desktop.terminate()
    except Exception:
        pass
"""


def edit(source: Path, target: Path, steps: Sequence[Step], profile: Path) -> Path:
    """The file as LibreOffice saves it after these edits; a LibreOffice that dies on the way (7.4 does, under load) is started once more."""
    try:
        return _edited(source, target, steps, profile)
    except AssertionError:
        return _edited(source, target, steps, profile.with_name(profile.name + "-again"))


def _edited(source: Path, target: Path, steps: Sequence[Step], profile: Path) -> Path:
    """One try. UNO belongs to the system's Python, so a program of its own speaks it."""
    program = shutil.which("soffice")
    assert program, "LibreOffice Writer is missing: make test installs it"
    (profile / "user").mkdir(parents=True)
    names = "".join(
        f'<item oor:path="/org.openoffice.UserProfile/Data"><prop oor:name="{name}" oor:op="fuse"><value>{word}</value></prop></item>'
        for name, word in zip(("givenname", "sn"), AUTHOR.split(), strict=True)
    )
    (profile / "user" / "registrymodifications.xcu").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">{names}</oor:items>', "utf-8"
    )
    pipe = f"engross{abs(hash(str(profile)))}"
    office = subprocess.Popen(
        [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        task = json.dumps([source.as_uri(), target.as_uri(), pipe, list(steps)])
        run = subprocess.run(["/usr/bin/python3", "-c", _SCRIPT, task], capture_output=True, text=True, timeout=120, check=False)
        assert run.stdout == "stored\n", f"{run.returncode}: {run.stderr}"  # closing the bridge may end it with a signal, after the file is there
        office.wait(timeout=60)
    finally:
        office.kill()
        office.wait()
    return target
