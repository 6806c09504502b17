"""A reason names the attack, the control, and the worst answer there was."""

from dataclasses import replace

import pytest

from siu.attacks.gates import attack_reasons, worst_leak
from siu.attacks.observation import Finding, Outcome, QuotedAnswer
from siu.config.params import GateParams

GATES = GateParams(answer_recovery=0.1)


@pytest.fixture
def finding() -> Finding:
    rates = {"en": 0.0, "ru": 0.125}
    said = (
        QuotedAnswer("en", "Where?", "1.png", "Orbury.", right=True),
        QuotedAnswer("ru", "Где?", "1.png", "В Орбери.", right=True, language="ru"),
        QuotedAnswer("ru", "Где же?", "2.png", "Не знаю.", right=False, language="ru"),
    )
    own = Outcome(0.0, 0.125, None, rates)
    strangers = Outcome(0.0, 0.0, None, {"en": 0.0, "ru": 0.0})
    return Finding("multi_hop", own, strangers, (), None, (), {}, {}, said, {}, 0, 1.0, "answer", gated=True)


def test_a_reason_quotes_the_worst_leak(finding):
    (reason,) = attack_reasons([finding], GATES)
    assert reason == (
        'multi_hop brings back 0.125 beyond strangers, above 0.1 (asked in ru "Где?": "В Орбери.")'
    )


def test_an_english_question_needs_no_language(finding):
    (reason,) = attack_reasons([replace(finding, said=finding.said[:1])], GATES)
    assert reason.endswith('(asked "Where?": "Orbury.")')


def test_without_answers_the_number_stands_alone(finding):
    silent = replace(finding, said=finding.said[2:], strangers=None)
    assert worst_leak(silent) is None
    assert attack_reasons([silent], GATES) == ("multi_hop brings back 0.125, above 0.1",)
