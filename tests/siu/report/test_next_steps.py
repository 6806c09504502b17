import re
from dataclasses import fields
from typing import get_args

import pytest

from siu.attacks.attack import Family
from siu.config.params import GateParams, Params
from siu.report.next_steps import _BY_BROKEN_GATE, _BY_FAMILY, _BY_VERDICT, _PICTURES, next_steps
from siu.verdict import Reading, Scores, Verdict, VerdictName, assess
from siu.verdict.gate import Gate
from siu.verdict.gates import gates_of
from tests.siu.report.conftest import finding

GATES = GateParams()


def reading(gate, state):
    values = dict.fromkeys((field.name for field in fields(Reading)), None)
    return Reading(
        **{**values, "gate": gate, "units": 3, "state": state, "is_vacuous": False, "confidence": 0.95}
    )


@pytest.mark.parametrize("word", get_args(VerdictName))
def test_every_verdict_has_a_next_step(word):
    assert next_steps(Verdict(word), [], GATES, is_trained=True)[0]


@pytest.mark.parametrize("gate", tuple(gates_of(GATES)), ids=lambda gate: gate.metric)
def test_every_broken_gate_has_a_next_step_of_its_own(gate: Gate):
    assert gate.metric in _BY_BROKEN_GATE
    broken = Verdict("partial", readings=(reading(gate, "broken"),))
    assert len(next_steps(broken, [], GATES, is_trained=True)) == 2


def test_while_the_name_comes_out_only_damage_is_said_beside():
    states = {"held_out_names": "broken", "garbled_rate": "unproven"}
    readings = tuple(reading(gate, states.get(gate.metric, "broken")) for gate in gates_of(GATES))
    failed = Verdict("failed", readings=[one for one in readings if one.gate.effect != "damage"])
    assert len(next_steps(failed, [finding()], GATES, is_trained=True)) == 1
    damaging = Verdict("failed", readings=[one for one in readings if one.gate.metric in states])
    steps = next_steps(damaging, [], GATES, is_trained=True)
    assert [step.split(" (")[0] for step in steps[1:]] == ["Retain more different concepts"]


def test_every_family_of_attacks_has_a_next_step():
    assert set(_BY_FAMILY) == set(get_args(Family))
    step = next_steps(Verdict("partial"), [finding()], GATES, is_trained=True)[1]
    assert step.endswith("(attack: Yes or no)")


def test_too_few_pictures_ask_for_more_of_them_once():
    values = {"generality_em": 1.0, "yes_no_em": 1.0, "specificity_names": 1.0, "naming_rate": 0.0}
    few = Scores(values, dict.fromkeys(values, 10))
    verdict = assess(few, few, [], GATES, "quick")
    more = [step for step in next_steps(verdict, [], GATES, is_trained=True) if "at least 29" in step]
    assert [step.split(" on more")[0] for step in more] == [
        "Measure “Generality EM, Yes/no EM”",
        "Measure “Other names”",
    ]


def test_what_was_never_trained_is_not_told_to_train_more():
    assert "alias" in next_steps(Verdict("unclear"), [], GATES, is_trained=False)[0]
    assert "alias" in next_steps(Verdict("not_known"), [], GATES, is_trained=False)[0]
    assert "requests.csv" in next_steps(None, [], GATES, is_trained=False)[0]


def test_every_parameter_that_is_named_exists():
    text = " ".join(
        " ".join(steps.values()) for steps in (_BY_VERDICT, _BY_BROKEN_GATE, _BY_FAMILY, _PICTURES)
    )
    params = Params().model_dump()
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)[^`]*`", text)
    assert named
    assert all(key in params[section] for section, key in named)
