"""Other programs about a signed PDF: OpenSSL, qpdf, poppler, pyHanko; and a key on a token."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import cms

from engross import conformance
from engross.errors import EngrossError, OutsideError
from engross.pipeline import Request, build
from engross.project import find
from engross.settings_signing import Key, Level
from engross.sign import checking, keys, policy_of
from engross.verify import Verdict
from tests.conftest import link
from tests.sign import attacks
from tests.sign.conftest import profile, signing
from tests.sign.letter import LETTER
from tests.sign.pki import PASSPHRASE, Pki
from tests.sign.signed import House, now, reasons
from tests.sign.test_people import wearing

MODULE = "/usr/lib/softhsm/libsofthsm2.so"


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode("utf-8", "replace")


def parts(data: bytes, field: str, folder: Path) -> tuple[Path, Path]:
    """The signature value without padding, and the bytes that it covers, as files."""
    begin, end, value = attacks.signature(data, field)
    following = next(at for at in attacks.ends(data) if at > end)
    (folder / "value.der").write_bytes(cms.ContentInfo.load(value).dump())
    (folder / "covered").write_bytes(data[: begin - 1] + data[end + 1 : following])
    return folder / "value.der", folder / "covered"


def openssl(house: House, value: Path, covered: Path) -> int:
    """What OpenSSL says to a signature: 0 if it holds."""
    command = ("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", value, "-content", covered)
    trust = ("-CAfile", house.pki.pem("root"), "-purpose", "any", "-out", os.devnull)
    return subprocess.run([str(part) for part in (*command, *trust)], capture_output=True, check=False).returncode


@pytest.mark.parametrize("field", ["Officer1", "Officer2"])
def test_openssl_verifies_the_signatures(house: House, complete: bytes, tmp_path: Path, field: str) -> None:
    value, covered = parts(complete, field, tmp_path)
    assert openssl(house, value, covered) == 0
    covered.write_bytes(covered.read_bytes() + b" ")
    assert openssl(house, value, covered) != 0


def test_a_key_on_an_elliptic_curve_signs(house: House, unsigned: bytes, tmp_path: Path) -> None:
    """P-256, and the file stays PDF 1.7 and PDF/A."""
    officer = wearing(house, 0, "curve")
    signed = house.one(unsigned, officer, first=True, last=False)
    report = house.verify(signed, staged=1, officers=(officer, house.profile.officers[1]))
    assert report.verdict is Verdict.PASSED, reasons(report)
    assert openssl(house, *parts(signed, "Officer1", tmp_path)) == 0


def test_openssl_verifies_the_time_stamps(house: House, complete: bytes, tmp_path: Path) -> None:
    value, covered = parts(complete, "ArchivalTimestamp1", tmp_path)
    run("openssl", "ts", "-verify", "-token_in", "-in", value, "-data", covered, "-CAfile", house.pki.pem("tsa-root"))
    *_, signature = attacks.signature(complete, "Officer2")
    signer = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    (tmp_path / "token.der").write_bytes(signer["unsigned_attrs"][0]["values"][0].dump())
    (tmp_path / "signature").write_bytes(signer["signature"].native)
    run("openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token.der", "-data", tmp_path / "signature", "-CAfile", house.pki.pem("tsa-root"))


@pytest.mark.parametrize(("count", "language"), [(1, "en"), (1, "ko"), (2, "en"), (2, "ko"), (12, "ko")])
def test_the_letter_stays_what_it_was(pki: Pki, built: Path, tmp_path: Path, count: int, language: str) -> None:
    """After one, two and twelve signatures at B-LTA: text, fonts and facts by poppler, structure by qpdf, PDF/A and PDF/UA by our rules, and the verdict."""
    root = Path(shutil.copytree(built, tmp_path / "workspace", copy_function=link))
    signing(root, profile(pki, count))
    project = find(root)
    if count != 2:
        build(project, Request((LETTER,), (language,), ("pdf",), official=True, jobs=1))
    before = root / f"output/{LETTER}/edition-1/{language}/{LETTER}.{language}.pdf"
    after = tmp_path / f"{LETTER}.{language}.signed.pdf"
    chosen = project.settings.signing["default"]
    after.write_bytes(House(pki, chosen, policy_of(project, chosen, chosen.officers)).sign(before.read_bytes()))
    report = checking.check(after, root)
    assert (report.verdict, report.level, len(report.signatures)) == (Verdict.PASSED, Level.LTA, count + 1), reasons(report)
    assert conformance.check(after.read_bytes()) == []
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", after)
    for program in (("pdftotext", "-raw"), ("pdffonts",)):
        arguments = ("-",) if program[0] == "pdftotext" else ()
        assert run(*program, before, *arguments) == run(*program, after, *arguments)
    assert facts(before) == facts(after)
    assert run("pdfsig", "-nocert", after).count("Signature is Valid") == count


def facts(path: Path) -> str:
    return re.sub(r"File size: .*", "", run("pdfinfo", path))


def test_every_signature_costs_the_same(unsigned: bytes, half: bytes, complete: bytes) -> None:
    first, second = len(half) - len(unsigned), attacks.ends(complete)[2] - len(half)
    archive = len(complete) - attacks.ends(complete)[2]
    assert 8_000 < second <= first < 40_000
    assert archive < 16_000


@pytest.fixture(scope="module")
def token(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Key]:
    """A SoftHSM2 token with the key and certificate of the first officer."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        run("softhsm2-util", "--init-token", "--free", "--label", "officers", "--pin", "4711", "--so-pin", "0815")
        plain = folder / "key.pem"
        run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", pki.key("officer1"), "-passin", f"pass:{PASSPHRASE}", "-out", plain)
        run("softhsm2-util", "--import", plain, "--token", "officers", "--label", "officer1", "--id", "01", "--pin", "4711")
        import pkcs11
        from pkcs11 import Attribute
        from pkcs11.util.x509 import decode_x509_certificate

        opened = pkcs11.lib(MODULE).get_token(token_label="officers").open(user_pin="4711", rw=True)
        opened.create_object({**decode_x509_certificate(pki.certificate("officer1").dump()), Attribute.LABEL: "officer1", Attribute.ID: b"\x01", Attribute.TOKEN: True})
        opened.close()
        yield Key("pkcs11", MODULE, token="officers", label="officer1")


def test_a_key_on_a_token_signs(house: House, unsigned: bytes, token: Key) -> None:
    officer = replace(house.profile.officers[0], key=token)
    with keys.opened(officer, Path(), house.policy.chain, lambda _: "4711", now()) as key:
        from engross.sign import appearance, pades
        from engross.sign.session import open_session

        session = open_session(house.profile, house.policy, key)
        signed = pades.sign(unsigned, pades.Place("Officer1", True, False, house.profile.level, "agreed"), key.signer, session.trust, session.stamps, appearance.nothing())
    report = house.verify(signed, staged=1)
    assert report.verdict is Verdict.PASSED, reasons(report)


def test_a_wrong_pin_is_tried_once(house: House, token: Key) -> None:
    officer = replace(house.profile.officers[0], key=token)
    asked: list[object] = []

    def wrong(who: object) -> str:
        asked.append(who)
        return "0000"

    with pytest.raises(OutsideError, match="PIN is wrong"), keys.opened(officer, Path(), (), wrong, now()):
        pass
    assert len(asked) == 1


@pytest.mark.parametrize(("change", "words"), [({"token": "absent"}, "does not open"), ({"label": "absent"}, "has no key"), ({"path": "/nonexistent.so"}, "does not open")])
def test_a_token_that_is_not_there(house: House, token: Key, change: dict[str, str], words: str) -> None:
    officer = replace(house.profile.officers[0], key=replace(token, **change))
    with pytest.raises(OutsideError, match=words), keys.opened(officer, Path(), (), lambda _: "4711", now()):
        pass


def test_a_token_pulled_out(house: House, unsigned: bytes, token: Key) -> None:
    """The session ends between opening and signing."""
    from engross.sign import appearance, pades
    from engross.sign.session import open_session

    officer = replace(house.profile.officers[0], key=token)
    with pytest.raises(OutsideError, match="stopped"), keys.opened(officer, Path(), house.policy.chain, lambda _: "4711", now()) as key:  # noqa: PT012 - the token goes while the key is open
        session = open_session(house.profile, house.policy, key)
        key.signer.pkcs11_session.close()  # type: ignore[attr-defined]
        pades.sign(unsigned, pades.Place("Officer1", True, False, house.profile.level, "agreed"), key.signer, session.trust, session.stamps, appearance.nothing())


def test_a_pem_key_signs(house: House, unsigned: bytes) -> None:
    held = Key("pem", str(house.pki.key("officer1")), certificate=str(house.pki.pem("officer1", "interm")))
    officer = replace(house.profile.officers[0], key=held)
    signed = house.one(unsigned, officer, first=True, last=False)
    assert house.verify(signed, staged=1).verdict is Verdict.PASSED
    with pytest.raises(EngrossError, match="wrong passphrase"), keys.opened(officer, Path(), (), lambda _: "wrong", now()):
        pass
