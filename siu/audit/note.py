"""Signed notes and the ledger's checkpoints, in the form of C2SP (signed-note, tlog-checkpoint).

A checkpoint is three lines, a blank one, and a line per signature::

    siu/3f9c0a7be421
    42
    qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=

    — siu/3f9c0a7be421 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe…
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from siu.errors import InputError

ED25519 = b"\x01"
_KEY = re.compile(r"([^\s+]{1,100})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
_SIGNATURE = re.compile(r"— ([^\s+]{1,100}) ([A-Za-z0-9+/]{8,2000}={0,2})")
_ASK = "Ask whoever sent it for the whole text, unchanged"
LONGEST = 1_000_000


@dataclass(frozen=True)
class PublicKey:
    """A public key with its name.

    Attributes:
        name: Whose: the ledger's origin.
        raw: Its 32 bytes.
    """

    name: str
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(ED25519 + self.raw).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether the private key has signed a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(text: str, where: str = "") -> PublicKey:
    """Return the key that a line ``name+id+key`` holds.

    Raises:
        InputError: ``E-KEY-001`` it is no such line, or its id is not that of its key.
    """
    parts = _KEY.fullmatch(text.strip())
    raw = base64.b64decode(parts[3]) if parts else b""
    if parts and raw[:1] == ED25519 and len(raw) == 33:
        key = PublicKey(parts[1], raw[1:])
        if key.key_id.hex() == parts[2]:
            return key
    raise InputError(
        "E-KEY-001", f"{text.strip()[:60]!r} is no public key", "Write name+id+key in one line", where
    )


@dataclass(frozen=True)
class Checkpoint:
    """What a ledger was at one size.

    Attributes:
        origin: Which ledger.
        size: The number of its lines.
        root: Root of the hash tree over them.
        signatures: Name, key id and signature of each that was put to it.
    """

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def __str__(self) -> str:
        lines = (
            f"— {name} {base64.b64encode(key_id + signature).decode()}\n"
            for name, key_id, signature in self.signatures
        )
        return f"{self.body}\n{''.join(lines)}"

    def is_signed_by(self, key: PublicKey) -> bool:
        """Return whether one of the signatures is this key's."""
        message = self.body.encode()
        return any(
            (name, key_id) == (key.name, key.key_id) and key.verifies(signature, message)
            for name, key_id, signature in self.signatures
        )


def read_checkpoint(text: str, where: str = "") -> Checkpoint:
    """Return the checkpoint that a text holds; its signatures are not judged.

    Raises:
        InputError: ``E-LED-011`` it is none, or not in the one form that it may have.
    """
    body, _, below = text.partition("\n\n")
    lines = body.split("\n")
    try:
        if len(text) > LONGEST or len(lines) != 3 or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]):
            raise ValueError("three lines, the second of them a number, are expected")
        root = base64.b64decode(lines[2], validate=True)
        signatures = []
        for line in below.split("\n")[:-1]:
            parts = _SIGNATURE.fullmatch(line)
            if parts is None:
                raise ValueError("a line of a signature can't be read")
            raw = base64.b64decode(parts[2], validate=True)
            signatures.append((parts[1], raw[:4], raw[4:]))
        checkpoint = Checkpoint(lines[0], int(lines[1]), root, tuple(signatures))
        if len(root) != 32 or not lines[0] or str(checkpoint) != text:
            raise ValueError("it isn't in its only form")
    except (ValueError, binascii.Error) as error:
        raise InputError("E-LED-011", f"this is no checkpoint: {error}", _ASK, where) from None
    return checkpoint
