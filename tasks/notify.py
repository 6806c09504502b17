"""Messages of a batch: it ended, a gate failed, a person is needed, a due day is near."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from siu.config.notify import NotifyParams
from siu.data.releases import Numbered
from siu.data.requests.life import RequestState, today
from tasks.channels import Channel, UnusableError, channels
from tasks.messages import (
    BatchEnded,
    DueSoon,
    GateFailed,
    Message,
    ReleaseState,
    ReleaseWaits,
    RequestsWait,
)
from tasks.outcome import Outcome


def messages(
    outcomes: Sequence[Outcome],
    release: Numbered | None,
    states: dict[str, RequestState],
    days: int,
) -> list[Message]:
    """Return what there is to say of a batch that ended; ids, words and counts only.

    Args:
        outcomes: What came of its requests.
        release: The release, if there is one.
        states: Where all requests stand now.
        days: A due day that is so many days away is near.
    """
    shown = release.verdicts if release else {}
    verdicts = Counter(shown.get(outcome.request_id, outcome.verdict_name) for outcome in outcomes)
    state = ReleaseState(release.number, release.state, release.strictest) if release else None
    told: list[Message] = [BatchEnded(len(outcomes), dict(verdicts), state)]
    failed = tuple(request_id for request_id, _, _, gates in (release.members if release else ()) if gates)
    if failed:
        told.append(GateFailed(failed))
    if release is not None and release.state == "waiting":
        told.append(ReleaseWaits(release.number))
    quarantined = tuple(outcome.request_id for outcome in outcomes if outcome.error is not None)
    unclear = tuple(request_id for request_id, verdict in shown.items() if verdict == "unclear")
    if quarantined or unclear:
        told.append(RequestsWait(quarantined, unclear))
    near = tuple(waiting.request_id for waiting in states.values() if waiting.is_due_soon(today(), days))
    if near:
        late = tuple(request_id for request_id in near if states[request_id].is_overdue(today()))
        told.append(DueSoon(near, late))
    return told


def send(told: Sequence[Message], params: NotifyParams, wait: Callable[[float], None] = time.sleep) -> str:
    """Send messages on all ways that there are; return what went wrong, or an empty text."""
    problems = (send_by(channel, told, params, wait) for channel in channels(params))
    return "; ".join(filter(None, problems))


def send_by(
    channel: Channel,
    told: Sequence[Message],
    params: NotifyParams,
    wait: Callable[[float], None] = time.sleep,
) -> str:
    """Send messages on one way; return what went wrong, or an empty text.

    A message that doesn't arrive is sent again, each time after a longer wait; others follow all the same.
    """
    try:
        lost = [message.event for message in told if not _arrives(message, channel, params, wait)]
    except UnusableError as error:
        return f"{channel.key} can't be used: {error}"
    return f"not delivered to {channel.key}: {', '.join(lost)}" if lost else ""


def _arrives(message: Message, channel: Channel, params: NotifyParams, wait: Callable[[float], None]) -> bool:
    for attempt in range(params.retries + 1):
        if attempt:
            wait(params.wait_seconds * 2 ** (attempt - 1))
        try:
            channel.deliver(message)
        except OSError:  # the caller notes it
            continue
        return True
    return False
