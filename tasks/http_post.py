"""Posting to an address: no redirect is followed, an answer has an end, nobody is waited for long."""

import time
from collections.abc import Mapping

TIMEOUT_SECONDS = 10.0


class PostError(OSError):
    """Nobody answers as wanted; the words name no address, which may be a secret."""


def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    largest: int = 0,
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """Post to an address, to no other than that, and return its answer.

    Args:
        url: ``http`` or ``https``; the certificate has to be one that this machine trusts.
        content: What is posted.
        headers: With its type.
        largest: Bytes of an answer that is of use; 0 for one that isn't read.
        timeout: Seconds for the connection, for each part, and for all.

    Raises:
        PostError: There is no connection, the answer is none of success, is too long, or takes too long.
    """
    import ssl

    import httpx

    deadline, answer = time.monotonic() + timeout, bytearray()
    trust = ssl.create_default_context()  # of the machine, as mail has it
    try:
        with (
            httpx.Client(verify=trust, follow_redirects=False, timeout=timeout) as client,
            client.stream("POST", url, content=content, headers=dict(headers)) as response,
        ):
            if not response.is_success:
                raise PostError(f"status {response.status_code}")
            for part in response.iter_bytes() if largest else ():
                answer += part
                if len(answer) > largest:
                    raise PostError(f"its answer is longer than {largest} bytes")
                if time.monotonic() > deadline:
                    raise PostError(f"its answer is not there after {timeout:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PostError(type(error).__name__) from None
    return bytes(answer)
