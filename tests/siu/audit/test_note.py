import base64
import hashlib
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from siu.audit.note import read_checkpoint, read_key
from siu.audit.signer import Signer, new_signer
from siu.errors import InputError, SiuError

SIGNER = Signer("siu/test", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
TEXT = str(SIGNER.checkpoint(42, b"\2" * 32))


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    checkpoint = read_checkpoint(TEXT)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("siu/test", 42, b"\2" * 32)
    assert checkpoint.is_signed_by(SIGNER.public)
    assert not checkpoint.is_signed_by(new_signer("siu/test").public)
    assert str(checkpoint) == TEXT


def test_the_form_is_that_of_the_specification() -> None:
    """Key id and signed text are worked out here by C2SP's words, without our code."""
    body, _, line = TEXT.partition("\n\n")
    _, name, signature = line.strip().split(" ")
    raw = base64.b64decode(signature)
    public = SIGNER.private.public_key()
    key_id = hashlib.sha256(b"siu/test\n\x01" + public.public_bytes_raw()).digest()[:4]
    assert (name, raw[:4]) == ("siu/test", key_id)
    public.verify(raw[4:], f"{body}\n".encode())
    assert (
        str(SIGNER.public)
        == f"siu/test+{key_id.hex()}+" + base64.b64encode(b"\x01" + public.public_bytes_raw()).decode()
    )


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_no_changed_checkpoint_passes(place: int, letter: str) -> None:
    changed = TEXT[:place] + letter + TEXT[place + 1 :]
    if changed == TEXT:
        return
    with suppress(InputError):  # what is no checkpoint any more passes nowhere either
        assert not read_checkpoint(changed).is_signed_by(SIGNER.public)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_odd_texts_are_no_checkpoint_and_no_key(text: str) -> None:
    for read in (read_checkpoint, read_key):
        with pytest.raises(SiuError, match=r"E-LED-011|E-KEY-001"):
            read(text)


def test_a_key_is_read_as_it_was_written() -> None:
    assert read_key(f" {SIGNER.public}\n") == SIGNER.public


@pytest.mark.parametrize("change", ["siu/other", "siu/test+00000000+"])
def test_a_key_whose_id_is_another_one_is_refused(change: str) -> None:
    text = str(SIGNER.public)
    with pytest.raises(InputError, match="E-KEY-001"):
        read_key(change + text[len(change) :])
