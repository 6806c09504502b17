"""Messages reach a server of this machine, again after failures, and nowhere else."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from siu.config.file import check_params
from siu.config.notify import NotifyParams
from siu.config.params import Params
from siu.data.releases import Numbered
from siu.data.requests.life import RequestState, today
from siu.errors import ConceptError, PreflightError
from tasks.notify import messages, send
from tasks.outcome import Outcome

MEMBERS = (("r-1", "partial", "quick", ("yes_no_em",)), ("r-2", "unclear", "quick", ()))


class Post:
    """A server that keeps what it gets, and answers with the codes it is given, then with 200."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.codes: list[int] = []
        post = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                post.got.append(json.loads(content))
                code = post.codes.pop(0) if post.codes else 200
                self.send_response(code)
                if code == 307:
                    self.send_header("Location", post.url)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post()
    threading.Thread(target=post.server.serve_forever, daemon=True).start()
    yield post
    post.server.shutdown()
    post.server.server_close()


def told_of(
    release: Numbered | None, *outcomes: Outcome, states: dict[str, RequestState] | None = None
) -> list[str]:
    return [told["event"] for told in messages(outcomes, release, states or {}, 7)]


def test_messages_arrive_in_order(post: Post) -> None:
    told = [{"event": "batch_ended"}, {"event": "due_soon", "requests": ["r-1"]}]
    assert send(told, NotifyParams(webhook=post.url)) == ""
    assert post.got == told


def test_a_message_is_sent_again_after_longer_and_longer_waits(post: Post) -> None:
    post.codes, waits = [500, 503], []
    assert (
        send([{"event": "batch_ended"}], NotifyParams(webhook=post.url, wait_seconds=1.5), waits.append) == ""
    )
    assert waits == [1.5, 3.0]
    assert len(post.got) == 3


def test_what_does_not_arrive_is_noted_and_stops_nothing(post: Post) -> None:
    post.codes, params = [500, 500], NotifyParams(webhook=post.url, retries=1)
    told = [{"event": "batch_ended"}, {"event": "due_soon"}]
    assert send(told, params, lambda _: None) == "not delivered to notify.webhook: batch_ended"
    post.server.server_close()
    post.server.shutdown()
    lost = send(told, params, lambda _: None)
    assert lost == "not delivered to notify.webhook: batch_ended, due_soon"


def test_a_redirect_is_not_followed(post: Post) -> None:
    post.codes = [307]
    assert send([{"event": "batch_ended"}], NotifyParams(webhook=post.url, retries=0))
    assert len(post.got) == 1


def test_without_a_webhook_nothing_is_sent() -> None:
    assert send([{"event": "batch_ended"}], NotifyParams()) == ""


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
    assert "Mira" not in json.dumps(messages((failed,), waiting, {}, 7))


def test_a_due_day_that_nears_is_told() -> None:
    near = RequestState("r-1", status="partial", due=today())
    closed = RequestState("r-2", status="erased", due=today())
    assert told_of(None, states={"r-1": near, "r-2": closed}) == ["batch_ended", "due_soon"]
    assert told_of(None, states={"r-2": closed}) == ["batch_ended"]
