"""A folder that is given away, under an OpenSSF model signature, which any tool of that standard checks.

The signature is a sigstore bundle: an in-toto statement with the sha256 of each file, signed by ECDSA. The
standard takes no Ed25519, so the ledger's key can't sign it: the key is another one, in a PEM file.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.errors import InputError
from siu.storage.private import OTHERS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PASSWORD = "SIU_MODEL_KEY_PASSWORD"  # nosec B105: the name of a variable, not a password
"""Environment variable with the password of the key that signs models, where it has one."""
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
"""What the standard takes: names of OpenSSL and of NIST."""
_MAKE = "Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem"
_INSTALL = "Run pip install 'siu[signing]' -c constraints.txt, or make extra EXTRA=signing"


@dataclass(frozen=True)
class ModelSigner:
    """What signs folders.

    Attributes:
        fingerprint: sha256 of the public key's PEM file, as the signature names the key.
    """

    fingerprint: str
    _config: Any = field(repr=False)

    def sign(self, folder: Path, signature: Path) -> None:
        """Write the signature of all files of a folder; two signatures of the same bytes differ."""
        self._config.sign(folder, signature)


def nobody_to_ask() -> str:
    """Return no password."""
    return ""


def model_signer(file: Path, ask: Callable[[], str] = nobody_to_ask) -> ModelSigner:
    """Return what signs with a private key.

    Args:
        file: PEM, on P-256, P-384 or P-521.
        ask: Gives the password of a key that has one, where the variable `PASSWORD` holds none.

    Raises:
        InputError: ``E-KEY-007`` the key can't be read, ``008`` it is of another kind, ``009`` others may use
            it; ``E-EXP-003`` the extra ``signing`` isn't installed.
    """
    content = _read_private(file)
    is_encrypted = b"ENCRYPTED" in content  # so both forms of PEM say it
    password = (os.environ.get(PASSWORD) or ask()).encode() if is_encrypted else None
    key = _checked_key(file, content, password)
    try:
        from model_signing import signing
    except ImportError as error:
        what = f"the extra signing isn't installed ({error.name} is missing)"
        raise InputError("E-EXP-003", what, _INSTALL, str(file)) from None
    # The library calls a password a text, but hands it on to what takes bytes alone.
    config = signing.Config().use_elliptic_key_signer(private_key=file, password=password)
    return ModelSigner(_fingerprint(key), config)


def signature_of(folder: Path) -> Path:
    """Return where the signature of a folder lies: beside it, so that the folder's bytes are the same."""
    return folder.with_name(f"{folder.name}.sig")


def _read_private(file: Path) -> bytes:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & OTHERS:
            what = f"others than its owner may use the private key (mode {mode:04o})"
            raise InputError("E-KEY-009", what, f"Run chmod 600 {file}", str(file))
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None


def _checked_key(file: Path, content: bytes, password: bytes | None) -> "EllipticCurvePrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(file, error) from None
    kind = type(key).__name__.removesuffix("PrivateKey")
    if isinstance(key, EllipticCurvePrivateKey):
        if key.curve.name in CURVES:
            return key
        kind = f"{kind} on {key.curve.name}"
    wanted = ", ".join(CURVES.values())
    raise InputError("E-KEY-008", f"a model is signed with a key on {wanted}, not {kind}", _MAKE, str(file))


def _unreadable(file: Path, error: Exception) -> InputError:
    what = f"the key that signs models can't be read ({type(error).__name__})"
    remedy = f"Name a PEM file; its password is read from {PASSWORD}"
    return InputError("E-KEY-007", what, remedy, str(file))


def _fingerprint(key: "EllipticCurvePrivateKey") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()
