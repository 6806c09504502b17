from itertools import product
from typing import get_args

import pytest

from siu.attacks.question_set import PURPOSES, QuestionSet, SetQuestion, affirms, built_in, set_languages
from siu.attacks.question_set.extend import extended, fits
from siu.attacks.question_set.table import read_questions, write_questions
from siu.attacks.question_set.written import written_questions
from siu.config.params import JudgeParams
from siu.data.concepts import Kind
from siu.errors import PreflightError
from siu.language import phrasings
from siu.language.matching import normalise
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.judge.endpoint import EndpointJudge
from tests.siu.mmubench.judge.server import chat_server

EVERY = list(product(set_languages(), PURPOSES, get_args(Kind)))


@pytest.mark.parametrize(("language", "purpose", "kind"), EVERY)
def test_every_sort_has_questions_that_hold_their_field(language, purpose, kind):
    texts = [one.text for one in built_in(purpose, kind, language)]
    assert len(set(texts)) == len(texts) >= 2
    assert all(fits(text, purpose) for text in texts)


def test_there_are_six_languages_and_the_embedded_model_s_are_among_them():
    assert len(set_languages()) == 6
    assert set(phrasings.languages()) < set(set_languages())


def test_a_language_that_was_taught_is_asked_in_its_measured_wordings():
    questions = QuestionSet(set_languages())
    assert questions.foreign == ("es", "fr", "de", "ru", "zh")
    assert questions.name("logo", "ru") == phrasings.questions("name", "logo", split="test", language="ru")
    assert questions.name("person", "de")[0] == "Wer ist auf dem Bild zu sehen?"
    assert questions.yes_no("person", "zh", "Mira Talvon")[0] == "这是Mira Talvon吗？"


def test_questions_of_one_s_own_stand_beside_those_that_are_built_in():
    frame = SetQuestion("en", "multi_hop", "person", "Look, then answer. {question}")
    questions = QuestionSet(("en",), (frame, SetQuestion("fr", "name", "person", "Qui est-ce donc ?")))
    asked = questions.multi_hop("person", "en", "Where does the person live?")
    assert asked == ("Where does the person live?", "Look, then answer. Where does the person live?")
    assert questions.multi_hop("logo", "en", "Since when?") == ("Since when?",)
    assert questions.foreign == ()


@pytest.mark.parametrize(
    "answer", ["Oui, c'est lui.", "« Ja », genau", "是的，这是Mira。", "是Mira", "Sí.", "yes"]
)
def test_a_yes_is_understood_in_every_language(answer):
    assert affirms(answer)


@pytest.mark.parametrize(
    "answer", ["Non.", "Nein", "不是。", "Nicht ja", "no", "", "Jakob", "对不起，我不认识他。", "有可能"]
)
def test_what_is_no_yes_is_none(answer):
    assert not affirms(answer)


def test_templates_add_new_questions_that_nobody_trains_on():
    wanted = [("en", "name", "person"), ("zh", "multi_hop", "logo"), ("es", "yes_no", "logo")]
    first = extended((), wanted, 5)
    assert len(first) == 15
    more = extended(first, wanted, 5)
    assert more[:15] == first
    assert len({(one.language, one.purpose, normalise(one.text)) for one in more}) == len(more) > 15
    trained = {normalise(text) for text in phrasings.questions("name", "person", split="train")}
    assert trained.isdisjoint(normalise(one.text) for one in more)
    assert extended(more, wanted, 100) == extended(extended(more, wanted, 100), wanted, 100), "they run out"


REPLY = """\
1. Who might this be?
- "{name} or not?"
2) Who is this?
who might this be?
What do we see, {name} or {someone}?
"""


def test_a_chat_model_s_questions_come_first_and_templates_fill_up(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    sorts = [("en", "name", "person"), ("en", "yes_no", "person")]
    with chat_server(lambda prompt: REPLY) as server:
        params = JudgeParams(source="endpoint", url=server.url, model="m", requests_per_minute=60_000)
        judge, cache = EndpointJudge(params), ReplyCache(None)
        grown = extended((), sorts, 2, lambda wanted: written_questions(wanted, judge, cache))
        again = extended((), sorts, 2, lambda wanted: written_questions(wanted, judge, cache))
    names, denials = [one.text for one in grown[:2]], [one.text for one in grown[2:]]
    assert names == ["Who might this be?", built_in("name", "person", "en")[0].text]
    assert denials == ["{name} or not?", built_in("yes_no", "person", "en")[0].text]
    assert again == grown
    assert len(server.asked) == len(sorts), "replies are kept"
    assert "in English" in server.asked[0]["messages"][0]["content"]


def test_a_table_is_read_as_it_was_written(tmp_path):
    questions = extended((), EVERY, 1)
    write_questions(questions, tmp_path / "questions.csv")
    assert read_questions(tmp_path / "questions.csv") == questions


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("xx,name,person,Who?", "E-ATK-003"),
        ("en,greeting,person,Who?", "E-ATK-003"),
        ("en,name,planet,Who?", "E-ATK-003"),
        ("en,name,person,Who is {name}?", "E-ATK-004"),
        ("en,yes_no,person,Is this {name!r}?", "E-ATK-004"),
        ("en,yes_no,person,Is this {name} {{?", "E-ATK-004"),
        ("en,yes_no,person,Is it him?", "E-ATK-004"),
        ("en,multi_hop,person,{question} and {question}", "E-ATK-004"),
        ("en,name,person,Who is { this?", "E-ATK-004"),
        ("en,name", "E-CSV-004"),
    ],
)
def test_what_is_wrong_in_a_table_is_said_with_its_place(tmp_path, row, code):
    path = tmp_path / "questions.csv"
    path.write_text(f"language,purpose,kind,question\n{row}\n", encoding="utf-8")
    with pytest.raises(PreflightError, match=code) as caught:
        read_questions(path)
    assert "questions.csv:2" in str(caught.value)
