"""Messages to a webhook: a batch ended, a gate failed, a person is needed, a due day is near."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import IO, Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from siu.config.service import NotifyParams, PolicyParams
from siu.data.requests.life import RequestState, today
from tasks.outcome import Outcome
from tasks.releases import Numbered

TIMEOUT_SECONDS = 10.0
Message = dict[str, Any]


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: a message goes to the address that was written down, and to no other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Return no request."""


def messages(
    outcomes: Sequence[Outcome],
    release: Numbered | None,
    states: dict[str, RequestState],
    policy: PolicyParams,
) -> list[Message]:
    """Return what there is to say of a batch that ended; ids, words and counts only.

    Args:
        outcomes: What came of its requests.
        release: The release, if there is one.
        states: Where all requests stand now.
        policy: What is near.
    """
    shown = release.verdicts if release else {}
    verdicts = Counter(shown.get(outcome.request_id, outcome.verdict_name) for outcome in outcomes)
    told: list[Message] = [{"event": "batch_ended", "requests": len(outcomes), "verdicts": dict(verdicts)}]
    if release is not None:
        told[0]["release"] = {
            "number": release.number,
            "state": release.state,
            "strictest": release.strictest,
        }
    failed = [request_id for request_id, _, _, gates in (release.members if release else ()) if gates]
    if failed:
        told.append({"event": "gate_failed", "requests": failed})
    if release is not None and release.state == "waiting":
        told.append({"event": "person_needed", "release": release.number, "why": "it waits to be accepted"})
    quarantined = [outcome.request_id for outcome in outcomes if outcome.error is not None]
    unclear = [request_id for request_id, verdict in shown.items() if verdict == "unclear"]
    if quarantined or unclear:
        told.append({"event": "person_needed", "quarantined": quarantined, "unclear": unclear})
    near = [state.request_id for state in states.values() if state.is_due_soon(today(), policy)]
    if near:
        late = [request_id for request_id in near if states[request_id].is_overdue(today())]
        told.append({"event": "due_soon", "requests": near, "overdue": late})
    return told


def send(told: Sequence[Message], params: NotifyParams, wait: Callable[[float], None] = time.sleep) -> str:
    """Send messages to the webhook; return what went wrong, or an empty text.

    A message that doesn't arrive is sent again, each time after a longer wait; others follow all the same.
    """
    if params.webhook is None:
        return ""
    lost = [message["event"] for message in told if not _arrives(message, params, wait)]
    return f"not delivered to notify.webhook: {', '.join(lost)}" if lost else ""


def _arrives(message: Message, params: NotifyParams, wait: Callable[[float], None]) -> bool:
    body = json.dumps(message).encode()
    request = Request(str(params.webhook), data=body, headers={"Content-Type": "application/json"})
    for attempt in range(params.retries + 1):
        if attempt:
            wait(params.wait_seconds * 2 ** (attempt - 1))
        try:
            with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS):
                return True
        except (URLError, HTTPException, OSError):  # the caller notes it
            continue
    return False
