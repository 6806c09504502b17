"""Messages reach a server of this machine, again after failures, and nowhere else."""

from collections.abc import Iterator

import pytest

from siu.config.file import check_params
from siu.config.notify import NotifyParams
from siu.config.params import Params
from siu.data.releases import Numbered
from siu.data.requests.life import RequestState, today
from siu.errors import ConceptError, PreflightError
from tasks.messages import BatchEnded, DueSoon, NoBatch, ReleaseState, ReleaseWaits, RequestsWait
from tasks.notify import messages, send
from tasks.outcome import Outcome
from tests.http_server import LocalServer, http_server

ENDED = BatchEnded(1, {"erased": 1}, ReleaseState(4, "deployed", "erased"))
DUE = DueSoon(("r-1",), ())
MEMBERS = (("r-1", "partial", "quick", ("yes_no_em",)), ("r-2", "unclear", "quick", ()))


@pytest.fixture
def post() -> Iterator[LocalServer]:
    with http_server() as server:
        yield server


def told_of(
    release: Numbered | None, *outcomes: Outcome, states: dict[str, RequestState] | None = None
) -> list[str]:
    return [told.event for told in messages(outcomes, release, states or {}, 7)]


def test_messages_arrive_in_order(post: LocalServer) -> None:
    told = [ENDED, DUE]
    assert send(told, NotifyParams(webhook=post.url)) == ""
    assert [request.json() for request in post.received] == [
        {
            "event": "batch_ended",
            "requests": 1,
            "verdicts": {"erased": 1},
            "release": {"number": 4, "state": "deployed", "strictest": "erased"},
        },
        {"event": "due_soon", "requests": ["r-1"], "overdue": []},
    ]


def test_a_message_is_sent_again_after_longer_and_longer_waits(post: LocalServer) -> None:
    post.codes, waits = [500, 503], []
    assert send([ENDED], NotifyParams(webhook=post.url, wait_seconds=1.5), waits.append) == ""
    assert waits == [1.5, 3.0]
    assert len(post.received) == 3


def test_what_does_not_arrive_is_noted_and_stops_nothing(post: LocalServer) -> None:
    post.codes, params = [500, 500], NotifyParams(webhook=post.url, retries=1)
    told = [ENDED, DUE]
    assert send(told, params, lambda _: None) == "not delivered to notify.webhook: batch_ended"
    with http_server() as ended:
        params = NotifyParams(webhook=ended.url, retries=1)
    lost = send(told, params, lambda _: None)
    assert lost == "not delivered to notify.webhook: batch_ended, due_soon"


def test_a_redirect_is_not_followed(post: LocalServer) -> None:
    post.codes = [307]
    assert send([ENDED], NotifyParams(webhook=post.url, retries=0))
    assert len(post.received) == 1


def test_without_a_webhook_nothing_is_sent() -> None:
    assert send([ENDED], NotifyParams()) == ""


@pytest.mark.parametrize(
    "url", ["http://example.org/hook", "https://user:word@example.org", "ftp://x", "", "hook"]
)
def test_an_address_that_gives_messages_away_is_refused(url: str) -> None:
    with pytest.raises(PreflightError, match=r"E-PAR-007 .*notify\.webhook"):
        check_params({"notify": {"webhook": url}}, "params.yaml")
    assert Params().notify.webhook is None


def test_a_person_is_called_where_one_is_needed() -> None:
    waiting = Numbered(1, "p", None, MEMBERS, "2026-01-31", "waiting")
    deployed = Numbered(1, "p", None, MEMBERS[:1], "2026-01-31", "deployed")
    failed = Outcome("r-3", error=ConceptError("E-UNL-001", "Mira", "Lower lr"))
    assert told_of(waiting) == ["batch_ended", "gate_failed", "person_needed", "person_needed"]
    assert told_of(deployed) == ["batch_ended", "gate_failed"]
    assert told_of(None, failed) == ["batch_ended", "person_needed"]
    assert "Mira" not in str(messages((failed,), waiting, {}, 7))


def test_a_due_day_that_nears_is_told() -> None:
    near = RequestState("r-1", status="partial", due=today())
    closed = RequestState("r-2", status="erased", due=today())
    assert told_of(None, states={"r-1": near, "r-2": closed}) == ["batch_ended", "due_soon"]
    assert told_of(None, states={"r-2": closed}) == ["batch_ended"]


def test_each_way_in_which_a_person_is_needed_has_its_own_fields_and_words() -> None:
    told = (ReleaseWaits(4), RequestsWait(("r-1",), ("r-2",)), NoBatch("E-REQ-012"))
    assert [message.to_json() for message in told] == [
        {"event": "person_needed", "release": 4, "why": "it waits to be accepted"},
        {"event": "person_needed", "quarantined": ["r-1"], "unclear": ["r-2"]},
        {"event": "person_needed", "batch": "E-REQ-012"},
    ]
    assert told[1].text() == "In quarantine: r-1. See: siu status\nUnclear: r-2. See: siu report"
    assert told[2].text() == "No batch could be run: E-REQ-012"
