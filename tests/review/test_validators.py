"""Review files and redlines through two validators: Word opens them without repair."""

from __future__ import annotations

import json
import subprocess
from importlib import import_module

from engross.review import redline
from tests.docx.test_readers import VALIDATOR
from tests.review.conftest import SECOND


def test_validators_find_nothing(english, korean, home, tmp_path) -> None:
    old = tmp_path / "old.md"
    letter = home.content / SECOND / "letter.md"
    text = letter.read_text("utf-8")
    old.write_text(text.replace("[published](https://example.org/principles)", "[printed](https://example.org/old)").replace("2. The plan is **public**.\n", ""), "utf-8")
    made = {"english": english, "korean": korean, "redline": redline.make(home, SECOND, "en", str(old), "docx")[0]}
    auditor = import_module("openxml_audit").OpenXmlValidator()  # it has no types
    for name, data in made.items():
        path = tmp_path / f"{name}.docx"
        path.write_bytes(data)
        assert not auditor.validate(path).errors, name
        verdict = json.loads(subprocess.run([VALIDATOR, path], capture_output=True, text=True, check=False, timeout=60).stdout)
        assert verdict["errors"] == [], name
        assert verdict["ok"]
