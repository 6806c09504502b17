from siu.attacks.observation import Outcome
from siu.config.params import GateParams
from siu.report import worst_leak
from siu.report.what_is_left import what_is_left
from siu.verdict import Scores, assess
from tests.siu.report.conftest import finding, record, records

GATES = GateParams()


def leak_of(after, values, findings=()):
    units = dict.fromkeys(values, 60)
    verdict = assess(Scores({}, units), Scores(values, units), findings, GATES, "quick")
    return worst_leak(verdict, after, findings, GATES, {"d": "picture"}, {"one.png": "attacked"})


def test_a_broken_gate_is_quoted_before_an_attack_and_the_name_before_a_trace():
    after = records(record("name", "Who?", "Mira."), record("yes_no", "Is this Mira?", "Yes."))
    leak = leak_of(after, {"generality_em": 0.8, "yes_no_em": 0.0}, [finding()])
    assert (leak.question, leak.answer, leak.picture, leak.breaks) == ("Who?", "Mira.", "picture", True)


def test_an_attack_over_its_limit_is_quoted_before_an_answer_within_its_gate():
    after = records(record("yes_no", "Is this Mira?", "Yes."))
    leak = leak_of(after, {"generality_em": 1.0, "yes_no_em": 0.99}, [finding()])
    assert (leak.answer, leak.language, leak.picture) == ("Sí, es Mira.", "es", "attacked")
    weak = finding(concept=Outcome(0.0, 0.1))
    leak = leak_of(after, {"generality_em": 1.0, "yes_no_em": 0.99}, [weak])
    assert (leak.answer, leak.breaks) == ("Yes.", False)


def test_where_nothing_leaks_nothing_is_quoted():
    assert leak_of(records(record("name", "Who?", "Kira.")), {"generality_em": 1.0}) is None


def test_an_answer_says_what_is_left():
    assert what_is_left([finding()], GATES) == (
        "1 of 1 attacks bring it back, most Yes or no: 0.400 beyond strangers. "
        "Asked “¿Es Mira?”, it answers “Sí, es Mira.”."
    )
    within = what_is_left([finding(strangers=Outcome(0.0, 0.45))], GATES)
    assert within.endswith("than is allowed; most comes back by Yes or no, 0.050 beyond strangers.")
    nothing = what_is_left([finding(strangers=Outcome(0.0, 0.5))], GATES)
    assert nothing == "None of 1 attacks brings anything back beyond its control."
    assert what_is_left([finding(gated=False)], GATES).startswith("That was not measured")


def test_what_brings_it_back_most_is_one_that_counts():
    trace = finding(attack="logit_lens", gives="trace", concept=Outcome(0.0, 1.0), said=())
    assert what_is_left([finding(), trace], GATES).startswith("1 of 2 attacks bring it back, most Yes or no:")
