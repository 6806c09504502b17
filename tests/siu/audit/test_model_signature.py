"""A signed folder is judged by the standard's own tool, in a process that knows nothing of siu."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from siu.audit.model_signature import PASSWORD, model_signer, signature_of
from siu.errors import InputError

needs_extra = pytest.mark.skipif(
    find_spec("model_signing") is None, reason="the extra signing is not installed"
)
MODEL_SIGNING = (sys.executable, "-I", "-m", "model_signing")


def key_pair(folder: Path, name: str, key: PrivateKeyTypes | None = None, password: str = "") -> Path:
    """Write a private key, and its public half beside it (``.pub``)."""
    private = key or ec.generate_private_key(ec.SECP256R1())
    under = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    file = folder / f"{name}.pem"
    file.touch(0o600)
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, under))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file.with_suffix(".pub").write_bytes(public)
    return file


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return key_pair(tmp_path, "models")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "parts").mkdir(parents=True)
    for name, content in (("README.md", b"card"), ("weights", bytes(2_000_000)), ("parts/a.json", b"{}")):
        (folder / name).write_bytes(content)
    return folder


def verify(folder: Path, signature: Path, public: Path) -> subprocess.CompletedProcess[str]:
    """Let the library's own command judge a folder."""
    options = ("--signature", str(signature), "--public_key", str(public))
    command = (*MODEL_SIGNING, "verify", "key", str(folder), *options)
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)


def change_a_byte(folder: Path) -> None:
    content = bytearray((folder / "weights").read_bytes())
    content[1_234_567] ^= 1
    (folder / "weights").write_bytes(content)


def add_a_file(folder: Path) -> None:
    (folder / "parts" / "more.json").write_text("{}")


def remove_a_file(folder: Path) -> None:
    (folder / "README.md").unlink()


@needs_extra
@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_signed_folder_holds_for_the_standards_own_tool(
    model: Path, tmp_path: Path, curve: ec.EllipticCurve
) -> None:
    file = key_pair(tmp_path, "other-curve", ec.generate_private_key(curve))
    signer = model_signer(file)
    assert signer.fingerprint == hashlib.sha256(file.with_suffix(".pub").read_bytes()).hexdigest()
    before = {path: path.stat() for path in model.rglob("*")}
    signer.sign(model, signature_of(model))
    assert {path: path.stat() for path in model.rglob("*")} == before
    judged = verify(model, tmp_path / "model.sig", file.with_suffix(".pub"))
    assert (judged.returncode, judged.stdout) == (0, "Verification succeeded\n"), judged.stderr


@needs_extra
@pytest.mark.parametrize("change", [change_a_byte, add_a_file, remove_a_file])
def test_a_changed_folder_does_not_hold(model: Path, key: Path, change: Callable[[Path], None]) -> None:
    model_signer(key).sign(model, signature_of(model))
    change(model)
    judged = verify(model, signature_of(model), key.with_suffix(".pub"))
    assert judged.returncode != 0
    assert "Signature mismatch" in judged.stderr


@needs_extra
def test_another_key_does_not_hold(model: Path, key: Path, tmp_path: Path) -> None:
    model_signer(key).sign(model, signature_of(model))
    judged = verify(model, signature_of(model), key_pair(tmp_path, "stranger").with_suffix(".pub"))
    assert judged.returncode != 0
    assert "Key mismatch" in judged.stderr


@needs_extra
def test_a_signature_that_moves_into_its_folder_and_is_published_with_it_holds(
    model: Path, key: Path, tmp_path: Path
) -> None:
    model_signer(key).sign(model, signature_of(model))
    signature = signature_of(model).rename(model / "model.sig")
    moved = model.rename(tmp_path / "under-another-name")
    judged = verify(moved, moved / signature.name, key.with_suffix(".pub"))
    assert judged.returncode == 0, judged.stderr


@needs_extra
def test_two_signatures_of_the_same_bytes_differ(model: Path, key: Path, tmp_path: Path) -> None:
    signer = model_signer(key)
    for name in ("first", "second"):
        signer.sign(model, tmp_path / name)
    assert (tmp_path / "first").read_bytes() != (tmp_path / "second").read_bytes()


@needs_extra
def test_a_password_is_taken_from_the_environment_or_asked_for_where_there_is_one(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    locked = key_pair(tmp_path, "locked", password="hush")
    assert model_signer(locked, lambda: "hush").fingerprint
    for answer in ("", "wrong"):
        with pytest.raises(InputError, match=rf"E-KEY-007 .*locked\.pem.*{PASSWORD}"):
            model_signer(locked, lambda answer=answer: answer)
    monkeypatch.setenv(PASSWORD, "hush")
    signer = model_signer(locked, lambda: pytest.fail("nobody is asked"))
    assert "hush" not in repr(signer)
    assert model_signer(key, lambda: pytest.fail("it has no password")).fingerprint


@pytest.mark.parametrize(
    ("private", "kind"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (rsa.generate_private_key(65537, 2048), "RSA"),
        (ec.generate_private_key(ec.SECP256K1()), "EC on secp256k1"),
    ],
)
def test_a_key_that_the_standard_does_not_take_is_refused(
    tmp_path: Path, private: PrivateKeyTypes, kind: str
) -> None:
    file = key_pair(tmp_path, "unfit", private)
    with pytest.raises(
        InputError, match=rf"E-KEY-008 .*unfit\.pem: .*P-256, P-384, P-521, not {kind}\. Make"
    ):
        model_signer(file)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_key_that_others_may_use_is_refused(key: Path, mode: int) -> None:
    key.chmod(mode)
    with pytest.raises(InputError, match=rf"E-KEY-009 .*mode {mode:04o}.*chmod 600"):
        model_signer(key)


@pytest.mark.parametrize("content", [None, b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "odd.pem"
    if content is not None:
        file.touch(0o600)
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"E-KEY-007 .*odd\.pem: the key that signs models can't be read"):
        model_signer(file)
    with pytest.raises(InputError, match=r"E-KEY-00[79]"):
        model_signer(tmp_path)


def test_without_the_extra_the_error_says_what_to_install(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "model_signing", None)
    with pytest.raises(InputError, match=r"E-EXP-003 .*model_signing is missing.*siu\[signing\]"):
        model_signer(key)


@needs_extra
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_key_made_as_the_remedy_says_is_taken(tmp_path: Path) -> None:
    unfit = key_pair(tmp_path, "unfit", ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(InputError) as caught:
        model_signer(unfit)
    command = caught.value.remedy.partition(": ")[2].split()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert model_signer(tmp_path / "KEY.pem").fingerprint
