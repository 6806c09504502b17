"""A certificate convinces somebody who has none of our code, and nobody if a byte of it was changed."""

import base64
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from siu.audit.audit import audit
from siu.audit.certificate import LIMITS
from siu.audit.command import trusted_keys
from siu.audit.committed import parameters_file
from siu.audit.dsse import open_envelope, verified
from siu.audit.fault import TamperedError
from siu.audit.ledger import Ledger
from siu.errors import InputError, SiuError, StateError
from siu.storage.workspace import Workspace
from tasks.certify import certify, checked_certificate
from tasks.seal import seal
from tests.tasks.audit.manipulations import KNOWN


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A certificate, and the public key in force."""
    from tests.tasks.audit.conftest import make_sealed

    workspace = make_sealed(tmp_path_factory.mktemp("certified") / "workspace")
    file = certify(workspace, "r-1")
    return file, (workspace.state / "keys/public.txt").read_text()


def test_a_stranger_verifies_it_with_an_ed25519_library_and_json(certified: tuple[Path, str]) -> None:
    """Nothing of ours is called: DSSE, in-toto, C2SP and RFC 6962 by their own words."""
    file, vkey = certified
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(vkey.strip().split("+", 2)[2])[1:])
    envelope = json.loads(file.read_text())
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    message = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
    public.verify(base64.b64decode(envelope["signatures"][0]["sig"]), message)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(envelope["signatures"][0]["sig"]), message[:-1] + b" ")

    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert all(len(subject["digest"]["sha256"]) == 64 for subject in statement["subject"])
    text, _, signature = statement["predicate"]["ledger"]["checkpoint"].partition("\n\n")
    raw = base64.b64decode(signature.strip().rsplit(" ", 1)[1])
    public.verify(raw[4:], f"{text}\n".encode())
    _, size, root = text.split("\n")
    for entry in statement["predicate"]["ledger"]["entries"]:
        value = hashlib.sha256(b"\0" + entry["line"].encode()).digest()
        index, last = entry["entry"] - 1, int(size) - 1
        for step in map(base64.b64decode, entry["proof"]):
            if index % 2 or index == last:
                value = hashlib.sha256(b"\1" + step + value).digest()
                while index and not index % 2:
                    index, last = index >> 1, last >> 1
            else:
                value = hashlib.sha256(b"\1" + value + step).digest()
            index, last = index >> 1, last >> 1
        assert base64.b64encode(value).decode() == root


def test_it_says_what_was_measured_and_what_was_not(certified: tuple[Path, str]) -> None:
    file, vkey = certified
    predicate = checked_certificate(file, trusted_keys(vkey))["predicate"]
    assert (predicate["verdict"], predicate["assurance"]) == ("erased", "standard")
    assert predicate["testResult"]["passedTests"] == ["generality_em"]
    assert predicate["testResult"]["warnedTests"] == ["yes_no_em"]
    effect = {row["metric"]: row for row in predicate["effect"]}
    assert effect["generality_em"]["n"] == 60
    assert effect["generality_em"]["gate"]["bound"] == 0.92
    assert effect["g_eval"]["after"] is None
    assert [row["attack"] for row in predicate["attacks"]["on_the_release"]] == ["hints"]
    not_tried = predicate["attacks"]["not_tried"]["on_the_release"]
    assert "hints" not in not_tried
    assert "prefill" in not_tried
    assert predicate["limits"] == list(LIMITS)
    assert predicate["purge"]["table"] is None


def test_it_names_the_parameters_of_its_release_and_not_those_that_came_later(sealed: Workspace) -> None:
    ledger = Ledger(sealed.ledger)
    (first,) = (entry.data["parameters"] for entry in ledger.entries() if entry.event == "configured")
    text = '{"seed":7}\n'
    later = parameters_file(sealed.state, hashlib.sha256(text.encode()).hexdigest())
    later.write_text(text)
    for digest in (later.stem, first, later.stem):
        ledger.append("configured", "", {"parameters": digest})
    seal(sealed)
    file = certify(sealed, "r-1")
    keys = trusted_keys((sealed.state / "keys/public.txt").read_text())
    assert checked_certificate(file, keys)["predicate"]["process"]["parameters"] == first


def test_it_holds_no_name_and_no_answer(certified: tuple[Path, str]) -> None:
    file, _ = certified
    page = file.with_suffix(".html").read_text()
    payload = base64.b64decode(json.loads(file.read_text())["payload"]).decode()
    for text in (page, payload):
        assert "Mira" not in text
        assert "Who is this" not in text
    assert "<img" not in page
    assert "http-equiv" not in page
    assert "<script" not in page


def test_the_same_is_certified_once(sealed: Workspace) -> None:
    file = certify(sealed, "r-1")
    text, size = file.read_bytes(), sealed.ledger.stat().st_size
    assert certify(sealed, "r-1").read_bytes() == text
    assert sealed.ledger.stat().st_size == size
    assert audit(sealed.root).faults == ()


@pytest.mark.parametrize(
    "name",
    [
        "a report is changed",
        "a summary is changed",
        "the deployed adapter is changed",
        "a verdict is changed",
    ],
)
def test_nothing_is_certified_on_tampered_ground(sealed: Workspace, name: str) -> None:
    KNOWN[name](sealed.root)
    with pytest.raises((TamperedError, StateError)):
        certify(sealed, "r-1")
    assert not (sealed.root / "certificates").exists()


def test_there_is_nothing_to_certify_about_a_stranger(sealed: Workspace) -> None:
    Ledger(sealed.ledger).append("received", "r-9", {})
    seal(sealed)
    for request_id in ("r-9", "r-404"):
        with pytest.raises(StateError, match="E-CRT-001"):
            certify(sealed, request_id)


def resigned(file: Path, change: Callable[[dict[str, Any]], None]) -> bytes:
    envelope = json.loads(file.read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    return json.dumps(
        {**envelope, "payload": base64.b64encode(json.dumps(statement).encode()).decode()}
    ).encode()


def test_a_better_verdict_breaks_the_signature(certified: tuple[Path, str], tmp_path: Path) -> None:
    file, vkey = certified
    (tmp_path / "forged.json").write_bytes(
        resigned(file, lambda one: one["predicate"].update(verdict="erased!"))
    )
    with pytest.raises(InputError, match="E-CRT-003"):
        checked_certificate(tmp_path / "forged.json", trusted_keys(vkey))


def test_another_key_is_not_trusted(certified: tuple[Path, str]) -> None:
    from siu.audit.signer import new_signer

    with pytest.raises(InputError, match="E-CRT-003"):
        checked_certificate(certified[0], (new_signer("siu/other").public,))


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_no_changed_bytes_pass_and_none_crash(certified: tuple[Path, str], count: int) -> None:
    file, vkey = certified
    whole, keys = file.read_bytes(), trusted_keys(vkey)
    said = verified(whole, keys)
    chance = random.Random(count)
    for _ in range(count):
        changed = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            assert verified(bytes(changed), keys) == said, "only white space may differ"
        except SiuError as error:
            assert error.code in ("E-CRT-002", "E-CRT-003")  # noqa: PT017


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.sampled_from(["payload", "payloadType", "signatures", "sig"]), inner)
    ),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_else_is_no_certificate(content: bytes) -> None:
    with pytest.raises(InputError, match="E-CRT-002"):
        open_envelope(content)


@given(JSON)
def test_an_odd_ledger_part_is_refused(value: Any) -> None:
    from siu.audit.certificate import check_ledger

    with pytest.raises(SiuError, match=r"E-CRT-004|E-LED-011"):
        check_ledger({"ledger": value})


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E-CRT-002"):
        checked_certificate(tmp_path / "none.json", ())
