"""Parameters as others may see them: without what an address carries to log in."""

import re
from typing import Any
from urllib.parse import urlsplit

from siu.config.params import Params

MASK = "***"
_MAIL = ("sender", "to", "user")
_SECRET_FIELD = re.compile(r"(?i)([?&;][^=&;#]*(?:password|passwd|pwd|token|secret|key)[^=&;#]*=)[^&;#]*")


def public_params(params: Params) -> dict[str, Any]:
    """Return all parameters with every address masked (`masked`): for summaries, MLflow and the like.

    Of a webhook nothing is shown, its path is what lets people in; nor who gets mail.
    """
    shown: dict[str, Any] = _masked_values(params.model_dump(mode="json"))
    for section, key in ((shown["notify"], "webhook"), *((shown["notify"]["mail"], key) for key in _MAIL)):
        if section[key]:
            section[key] = MASK
    return shown


def masked(text: str) -> str:
    """Return a text without the user, the password and the secret fields of an address it may be.

    ``mysql://anna:pw@host/db?token=abc`` becomes ``mysql://***@host/db?token=***``. What is no address with a
    scheme stays as it is.
    """
    scheme, separator, address = text.partition("://")
    if not separator:
        return text
    try:
        place = urlsplit(text).netloc
    except ValueError:  # brackets that are not closed: nothing is known of such an address
        return f"{scheme}://{MASK}"
    login, at, _host = place.rpartition("@")
    shown = address.replace(f"{login}@", f"{MASK}@", 1) if at else address
    return f"{scheme}://" + _SECRET_FIELD.sub(rf"\g<1>{MASK}", shown)


def _masked_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked_values(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked_values(inner) for inner in value]
    return masked(value) if isinstance(value, str) else value
