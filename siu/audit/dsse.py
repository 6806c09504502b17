"""A signed envelope around a statement: DSSE v1, with Ed25519.

Written by hand, as it is a line of bytes and a dictionary: whoever checks one needs any Ed25519 and JSON.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from siu.audit.note import PublicKey
from siu.audit.signer import Signer
from siu.errors import InputError
from siu.storage.digest import canonical_json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
LARGEST = 20_000_000
_ASK = "Ask whoever sent it for the whole file, unchanged"


def pre_authentication(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding (PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal_statement(statement: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Return the envelope of a statement."""
    payload = canonical_json(statement).encode()
    signature = signer.sign(pre_authentication(payload))
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": signer.public.key_id.hex(), "sig": base64.b64encode(signature).decode()},
        ],
    }


def open_envelope(text: bytes, where: str = "") -> tuple[dict[str, Any], bytes, list[bytes]]:
    """Return an envelope's statement, what was signed, and the signatures; none of them is judged.

    Raises:
        InputError: ``E-CRT-002`` it is no envelope of a statement.
    """
    try:
        if len(text) > LARGEST:
            raise ValueError("it is too large")
        envelope = json.loads(text)
        payload = base64.b64decode(envelope["payload"], validate=True)
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise ValueError("it holds no statement")
        signatures = [base64.b64decode(one["sig"], validate=True) for one in envelope["signatures"]]
        statement = json.loads(payload)
        if statement["_type"] != STATEMENT or not isinstance(statement["predicate"], dict):
            raise ValueError("it holds no statement")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        what = f"this is no certificate ({type(error).__name__})"
        raise InputError("E-CRT-002", what, _ASK, where) from None
    return statement, pre_authentication(payload), signatures


def verified(text: bytes, keys: Iterable[PublicKey], where: str = "") -> dict[str, Any]:
    """Return the statement of an envelope that one of some keys has signed.

    Raises:
        InputError: ``E-CRT-002`` it is none, ``003`` none of the keys has signed it.
    """
    statement, message, signatures = open_envelope(text, where)
    if not any(key.verifies(signature, message) for key in keys for signature in signatures):
        raise InputError("E-CRT-003", "none of the keys that you trust has signed it", _ASK, where)
    return statement
