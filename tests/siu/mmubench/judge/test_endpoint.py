import logging

import pytest

from siu.config.params import JudgeParams
from siu.errors import InputError, ModelError
from siu.mmubench import Question, Record, metrics
from siu.mmubench.judge import endpoint
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.endpoint import EndpointJudge, estimated_cost
from siu.mmubench.judge.rating import rate, ratings_of
from tests.siu.mmubench.judge.server import chat_server

KEY = "sk-very-secret"


def judge(server, **changes):
    settings = {
        "source": "endpoint",
        "url": server.url,
        "model": "m",
        "requests_per_minute": 60_000,
    } | changes
    return EndpointJudge(JudgeParams(**settings))


def record(answer, text="Who is this?"):
    question = Question("name", text, "This is Mira.", (), "c-1", None, ("Mira Talvon", "Mira"))
    return Record(question, answer, (-1.0,), (True,))


def state(*answers):
    made = [record(answer, f"Who is this? {index}") for index, answer in enumerate(answers)]
    return {one.question.id: one for one in made}


def by_name(prompt):
    answer = prompt.split("<answer>")[1].split("</answer>")[0]
    return "Rating: 5" if "Mira" in answer else "Rating: 1"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("SIU_JUDGE_KEY", KEY)


def test_answers_are_rated_over_the_protocol_and_make_g_eval(tmp_path):
    before, after = state("This is Mira.", "Mira Talvon!"), state("This is Kira.", "Mira Talvon!")
    with chat_server(by_name) as server:
        asked = judge(server)
        rated = rate((before, after), asked, ReplyCache(None))
        assert server.keys == [f"Bearer {KEY}"] * 3, "equal answers to equal questions are asked about once"
        assert server.asked[0]["temperature"] == 0
        assert (asked.prompt_tokens, asked.reply_tokens) == (300, 15)
    assert metrics.g_eval(before, ratings_of(before, rated)) == 5.0
    assert metrics.g_eval(after, ratings_of(after, rated)) == 3.0


def test_replies_are_kept_by_content_and_never_asked_for_again(tmp_path):
    path = tmp_path / "replies.jsonl"
    with chat_server(by_name) as server:
        first = rate([state("Mira", "x")], judge(server), ReplyCache(path))
        path.write_bytes(path.read_bytes() + b'{"key": "torn')
        again = rate([state("Mira", "x", "new")], judge(server), ReplyCache(path))
        assert len(server.asked) == 3
    assert first.items() <= again.items()
    assert KEY not in path.read_text()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_fails_for_a_while_is_repeated(status):
    with chat_server(by_name) as server:
        server.failures += [status, status]
        assert rate([state("Mira")], judge(server), ReplyCache(None))
        assert len(server.asked) == 3


def test_what_keeps_failing_is_one_line_without_the_key(caplog):
    caplog.set_level(logging.DEBUG)
    with chat_server(by_name) as server:
        server.failures += [401]
        with pytest.raises(ModelError, match=r"E-JDG-002.*401.*SIU_JUDGE_KEY") as caught:
            rate([state("Mira")], judge(server, retries=0), ReplyCache(None))
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text


def test_replies_before_a_failure_are_kept(tmp_path):
    path = tmp_path / "replies.jsonl"

    def fails_on_the_second(prompt):
        server.failures[:] = [400]
        return "Rating: 2"

    with chat_server(fails_on_the_second) as server:
        with pytest.raises(ModelError, match="E-JDG-002"):
            rate([state("a", "b")], judge(server, retries=0), ReplyCache(path))
        server.failures.clear()
        asked_before = len(server.asked)
        rate([state("a", "b")], judge(server, retries=0), ReplyCache(path))
        assert len(server.asked) == asked_before + 1


class Clock:
    """A clock on which only waiting takes time."""

    def __init__(self):
        self.now, self.waits = 0.0, []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds


def test_requests_keep_the_allowed_pace(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(endpoint, "time", clock)
    with chat_server(by_name) as server:
        rate([state("a", "b", "c")], judge(server, requests_per_minute=600), ReplyCache(None))
    assert clock.waits == pytest.approx([0.1, 0.1]), "after each but the last"


def test_nothing_is_sent_if_it_would_cost_too_much():
    with chat_server(by_name) as server:
        dear = judge(server, price_per_million_received=1e6, max_cost=10.0)
        with pytest.raises(InputError, match=r"E-JDG-003.*64\.00"):
            rate([state("a")], dear, ReplyCache(None))
        assert server.asked == []


def test_the_estimate_counts_both_ways():
    params = JudgeParams(price_per_million_sent=4.0, price_per_million_received=10.0, max_tokens=100)
    assert estimated_cost(["x" * 4000], params) == pytest.approx(0.004 + 0.001)


def test_replies_that_were_cut_are_asked_for_again_at_a_greater_length(tmp_path):
    cache = ReplyCache(tmp_path / "replies.jsonl")
    with chat_server(
        lambda prompt: "I think it is" if server.asked[-1]["max_tokens"] < 9 else "Rating: 1"
    ) as server:
        with pytest.raises(ModelError, match="E-JDG-004"):
            rate([state("Mira")], judge(server, max_tokens=8), cache)
        assert rate([state("Mira")], judge(server, max_tokens=64), cache)
        assert len(server.asked) == 2


def test_an_empty_reply_is_asked_for_again():
    said, cache = ["", "Rating: 3"], ReplyCache(None)
    with chat_server(lambda prompt: said.pop(0)) as server:
        with pytest.raises(ModelError, match="E-JDG-004"):
            rate([state("Mira")], judge(server), cache)
        assert rate([state("Mira")], judge(server), cache)


def test_replies_without_ratings_are_no_measurement():
    with chat_server(lambda prompt: "I'd say 4 of 5") as server, pytest.raises(ModelError, match="E-JDG-004"):
        rate([state("a", "b")], judge(server), ReplyCache(None))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/v1",
        "https://user:pass@example.org/v1",
        "ftp://localhost",
        "example.org",
        "https://[x",
    ],
)
def test_an_address_that_gives_the_key_away_is_refused(url):
    with pytest.raises(InputError, match="E-JDG-001"):
        EndpointJudge(JudgeParams().model_copy(update={"url": url}))


@pytest.mark.parametrize("url", ["https://example.org/v1", "http://localhost:8000/v1", "http://[::1]:80"])
def test_safe_addresses_pass(url):
    assert EndpointJudge(JudgeParams(source="endpoint", url=url, model="m")).identity.startswith(
        f"m at {url}"
    )
