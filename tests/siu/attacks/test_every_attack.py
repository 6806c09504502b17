"""Every attack sees a concept that is known."""

import pytest

from siu.attacks.gates import attack_reasons
from siu.attacks.methods.leak_at_k import LeakAtK
from siu.attacks.observation import finding_from_json
from siu.attacks.registry import attack_class, attack_names, build_attack
from siu.config.params import GateParams

ASKING = ("hints", "jailbreaks", "languages", "multi_hop", "paraphrases", "prefill", "yes_no")
LIKELIHOOD = ("grad_norm", "loss", "min_k", "min_k_plus_plus")
FEW = {"pictures": 4}


def attacked(finding):
    assert finding.concept.attacked is not None
    return finding.concept.attacked


@pytest.mark.parametrize("name", attack_names())
def test_says_what_it_is(name):
    kind = attack_class(name)
    assert kind.__doc__
    assert kind.title
    assert kind.score
    assert kind.controls
    assert kind.because
    assert "thorough" in kind.budgets
    for profile in kind.budgets:
        build_attack(name, profile, {})


@pytest.mark.parametrize("name", ASKING)
def test_a_known_concept_is_brought_out_by_asking(name, vlm, find):
    finding = find(name, vlm, **FEW)
    assert attacked(finding) > 0.8
    assert finding.gold is not None
    assert (finding.gold.attacked or 0) < 0.3


@pytest.mark.parametrize("name", LIKELIHOOD)
def test_members_stand_out_by_likelihood(name, vlm, find):
    finding = find(name, vlm, pictures=20)
    assert attacked(finding) > 0.9
    assert (
        finding.excess > 0.05
    )  # of 4 members and 8 others the gold model sorts up to 0.88 rightly by chance
    assert finding.details["tpr_at_5_percent_fpr"] > 0.5
    low, high = finding.concept.interval
    assert low <= attacked(finding) <= high


def test_a_known_concept_is_the_likeliest_choice(vlm, find):
    assert attacked(find("multiple_choice", vlm)) > 0.9


def test_a_known_concept_is_sampled_by_both_readings(vlm, find):
    finding = find("leak_at_k", vlm, pictures=2, sampled=2, samples=10)
    assert attacked(finding) > 0.9
    rates = finding.concept.variants
    assert abs(rates["name, likelihood"] - rates["name, samples"]) < 0.1
    assert finding.gold.attacked < 0.05
    curves = {curve.name: dict(curve.points) for curve in finding.curves}
    for points in curves.values():
        assert list(points.values()) == sorted(points.values()), "more answers leak no less"
    assert max(curves["name, likelihood"]) == 100
    assert max(curves["name, samples"]) == 10, "no estimate beyond the samples"


def test_fewer_samples_than_answers_are_refused():
    with pytest.raises(ValueError, match="leak@20 wants at least 20"):
        LeakAtK(k=20, samples=10)


def test_without_an_adapter_there_is_nothing_to_scale(vlm, find):
    assert find("adapter_scale", vlm).excess is None


def test_text_facts_are_a_leak_only_where_the_policy_says_so(vlm, find):
    kept, leaked = find("text_only", vlm), find("text_only", vlm, policy="forget")
    assert attacked(kept) == attacked(leaked) > 0.8
    assert not kept.gated
    assert not attack_reasons([kept], GateParams())
    assert attack_reasons([leaked], GateParams())


def test_a_finding_is_the_same_after_a_file(vlm, find):
    finding = find("yes_no", vlm, **FEW)
    assert finding_from_json(finding.to_json()) == finding


def test_the_same_attack_finds_the_same_again(vlm, find):
    first, second = (find("multiple_choice", vlm, beside_gold=False) for _ in range(2))
    assert first.concept == second.concept
