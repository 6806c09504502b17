"""A private Ed25519 key: made, kept in a file for its owner only, and used."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siu.audit.note import Checkpoint, PublicKey
from siu.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PASSWORD = "SIU_KEY_PASSWORD"  # nosec B105: the name of a variable, not a password
"""Environment variable with the private key's password, where it has one."""


@dataclass(frozen=True)
class Signer:
    """A private key under a name.

    Attributes:
        name: The ledger's origin.
        private: The key.
    """

    name: str
    private: "Ed25519PrivateKey"

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message; equal messages have equal ones."""
        return self.private.sign(message)

    def checkpoint(self, size: int, root: bytes) -> Checkpoint:
        """Return a signed checkpoint of the ledger at a size."""
        bare = Checkpoint(self.name, size, root)
        key_id = self.public.key_id
        return Checkpoint(self.name, size, root, ((self.name, key_id, self.sign(bare.body.encode())),))


def new_signer(name: str) -> Signer:
    """Return a new key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Signer(name, Ed25519PrivateKey.generate())


def write_private(signer: Signer, path: Path) -> None:
    """Write a private key as PKCS8 PEM, readable by its owner only, under the password if there is one."""
    from cryptography.hazmat.primitives import serialization

    password = os.environ.get(PASSWORD, "").encode()
    pem = signer.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def read_private(name: str, path: Path) -> Signer:
    """Return the private key in a PEM file.

    Raises:
        InputError: ``E-KEY-002`` it can't be read: no Ed25519 key, another password, no such file.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    password = os.environ.get(PASSWORD, "").encode()
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password or None)
    except (OSError, ValueError, TypeError) as error:
        what = f"the private key can't be read ({type(error).__name__})"
        raise InputError(
            "E-KEY-002", what, f"Name an Ed25519 PEM file; its password is read from {PASSWORD}", str(path)
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise InputError("E-KEY-002", "it is no Ed25519 key", "Make one with `siu keys create`", str(path))
    return Signer(name, private)
