import pytest

from siu.config.params import JudgeParams
from siu.data.concepts import Concept
from siu.language.phrasings import questions
from siu.mmubench.builder.wordings import recognition_wordings, shared_out
from siu.mmubench.builder.written import written_wordings
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.endpoint import EndpointJudge
from tests.siu.mmubench.judge.server import chat_server

CONCEPT = Concept("c-1", "Mira Talvon", "person", ("Mira",))
REPLY = f"""\
1. Whose face is that?
- "Which celebrity could this be?"
2) Is that Mira Talvon over there?
whose face is that?
{questions("name", "person", split="train")[0]}

{"x" * 300}
"""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def write(counts, cache):
    with chat_server(lambda prompt: REPLY) as server:
        params = JudgeParams(source="endpoint", url=server.url, model="m", requests_per_minute=60_000)
        found = written_wordings(CONCEPT, counts, EndpointJudge(params), cache)
        return [(one.purpose, one.text) for one in found], server.asked


def test_only_new_untrained_questions_that_hide_or_hold_the_name_are_taken():
    found, asked = write({"name": 5, "yes_no": 5, "describe": 0}, ReplyCache(None))
    assert found == [
        ("name", "Whose face is that?"),
        ("name", "Which celebrity could this be?"),
        ("yes_no", "Is that Mira Talvon over there?"),
    ]
    assert len(asked) == 2, "what nobody wants is not asked for"
    assert "Write 5 different questions" in asked[0]["messages"][0]["content"]


def test_never_more_than_asked_for():
    assert len(write({"name": 1}, ReplyCache(None))[0]) == 1


def test_templates_fill_up_to_the_wanted_number():
    found, _ = write(shared_out(20), ReplyCache(None))
    concept = Concept("c-1", "Mira Talvon", "person", ("Mira",))
    assert len(recognition_wordings(concept, 20)) == 20
    assert sum(shared_out(20).values()) == 20
    assert 0 < len(found) < 20
