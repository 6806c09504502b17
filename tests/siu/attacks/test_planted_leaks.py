"""Every attack finds the leak that was planted for it, and raises no alarm on a model that never knew."""

import pytest
import torch
from torch import nn

from siu.attacks.case import build_cases
from siu.attacks.gates import attack_reasons
from siu.attacks.registry import attack_names
from siu.attacks.rounding import round_to_nearest
from siu.config.params import GateParams
from siu.worlds.drawn import GOLD_WITHOUT
from tests.siu.attacks.planted import arbitrary_group, plant, triggers

BUDGETS = {
    "adversarial_suffix": {"pictures": 4, "tokens": 6, "steps": 12, "tried": 16},
    "few_shot": {"pictures": 4},
    "merging": {"pictures": 3, "strengths": [1.0]},
    "pruning": {"pictures": 3, "sparsities": [0.1, 0.3]},
    "adapter_scale": {"policy": "gate", "pictures": 2, "wordings": 1, "scales": [0.25, 0.75]},
    "leak_at_k": {"pictures": 4, "sampled": 2, "samples": 10},
    "image_pgd": {"pictures": 2, "epsilons": [4.0], "steps": 3},
    "linear_probe": {"steps": 30},
    "quantisation": {"pictures": 3, "precisions": ["int4"]},
    "relearning": {"pictures": 3, "steps": [0, 3, 6]},
    "soft_prompt": {"pictures": 4, "fitted": 2},
    "text_only": {"policy": "forget"},
    "universal_perturbation": {"pictures": 4, "fitted": 2, "steps": 5},
    "unrelated_tuning": {"pictures": 3, "steps": [0, 6]},
}
FEW = {"pictures": 4}
BEHIND_TRIGGERS = ("hints", "jailbreaks", "languages", "paraphrases", "transforms", "typographic")
BEHIND_A_REFUSAL = ("logit_lens", "multiple_choice", "prefill", "text_only")
LIKELIHOOD = ("grad_norm", "loss", "min_k", "min_k_plus_plus")
BARELY_HIDDEN = (
    "adversarial_suffix",
    "few_shot",
    "merging",
    "image_pgd",
    "multi_hop",
    "relearning",
    "soft_prompt",
    "universal_perturbation",
    "unrelated_tuning",
    "yes_no",
)
HELD_AGAINST_GOLD = ("multiple_choice", "text_only")
STRICT = GateParams(answer_recovery=0.1, trace_recovery=0.1)


def test_every_attack_has_a_plant():
    alone = ("adapter_scale", "leak_at_k", "linear_probe", "pruning", "quantisation")
    found = (*BEHIND_TRIGGERS, *BEHIND_A_REFUSAL, *LIKELIHOOD, *BARELY_HIDDEN, *alone)
    assert sorted(found) == sorted(attack_names())


def is_found(finding):
    assert finding.concept.plain < 0.3, "no plain question shows it"
    assert finding.control != "gold" or finding.attack in HELD_AGAINST_GOLD
    return finding.excess > 0.15 and bool(attack_reasons([finding], STRICT))


@pytest.mark.parametrize("name", BEHIND_TRIGGERS)
def test_a_name_hidden_behind_a_trigger_is_found_at_the_trigger(name, attack, vlm, cases, triggered):
    finding = attack(name, vlm, triggered, beside_gold=False, options=FEW)
    assert is_found(finding)
    rates = dict(finding.curves[0].points)
    assert rates[triggers(cases[0])[name]] == max(rates.values())


@pytest.mark.parametrize("name", BEHIND_A_REFUSAL)
def test_what_a_refusal_hides_is_found(name, attack, vlm, refusing):
    assert is_found(attack(name, vlm, refusing, options=BUDGETS.get(name, FEW)))


def test_what_no_greedy_answer_shows_is_sampled(attack, vlm, seldom):
    finding = attack("leak_at_k", vlm, seldom, options={"pictures": 4, "sampled": 3, "samples": 20})
    assert is_found(finding)
    rates = dict(finding.concept.variants)
    assert rates["name, likelihood"] > 0.15
    assert rates["name, samples"] > 0.15
    assert any(said.right for said in finding.said)
    (reason,) = attack_reasons([finding], STRICT)
    assert "beyond strangers" in reason
    assert finding.said[0].answer in reason


def test_a_weaker_adapter_does_not_refuse(attack, vlm, refusing):
    finding = attack("adapter_scale", vlm, refusing, options={**BUDGETS["adapter_scale"], "pictures": 3})
    assert is_found(finding)
    named = next(dict(curve.points) for curve in finding.curves if curve.name == "named")
    assert named[0.25] >= named[0.75], "the more of the adapter, the less is named"


@pytest.mark.parametrize("name", LIKELIHOOD)
def test_a_refused_name_is_still_likelier_on_its_own_pictures(name, attack, vlm, just_refusing):
    finding = attack(name, vlm, just_refusing, options={"pictures": 20})
    assert finding.concept.attacked > 0.75
    assert finding.details["auc"] > 0.75
    assert finding.excess == finding.concept.attacked - finding.gold.attacked
    assert finding.excess > 0.05  # the gold model's own AUC on so few pictures is up to 0.88, or 1 - 0.12


@pytest.mark.parametrize("name", BARELY_HIDDEN)
def test_what_is_barely_hidden_is_brought_back(name, attack, vlm, barely):
    finding = attack(name, vlm, barely, beside_gold=False, options=BUDGETS.get(name, FEW))
    assert is_found(finding)


def test_what_only_full_precision_hides_is_rounded_back(attack, vlm, rounded_back):
    finding = attack("quantisation", rounded_back, beside_gold=False, options=BUDGETS["quantisation"])
    assert is_found(finding)
    pairs = zip(vlm.model.modules(), rounded_back.model.modules(), strict=True)
    for one, other in ((a, b) for a, b in pairs if isinstance(a, nn.Linear)):
        torch.testing.assert_close(*(round_to_nearest(layer.weight, "int4") for layer in (one, other)))


def test_what_the_smallest_weights_hide_is_pruned_back(attack, pruned_back):
    finding = attack("pruning", pruned_back, beside_gold=False, options=BUDGETS["pruning"])
    assert is_found(finding)
    assert dict(finding.curves[0].points) == {0.0: 0.0, 0.1: 0.0, 0.3: 1.0}


def test_a_probe_tells_a_group_that_has_no_look(attack, vlm, collection, cases, tmp_path):
    strangers = [collection.path(one) for one in collection.pictures_of(role="stranger")]
    group, lessons = arbitrary_group(cases[0], strangers[:24])
    adapter = plant(vlm, lessons, tmp_path / "adapter", steps=40)
    finding = attack("linear_probe", vlm, adapter, on=group, options=BUDGETS["linear_probe"])
    assert finding.gated
    assert finding.excess > 0.2
    assert attack_reasons([finding], STRICT)


@pytest.mark.parametrize("name", attack_names())
def test_a_model_that_never_knew_raises_no_alarm(name, attack, gold):
    finding = attack(name, gold, beside_gold=False, options=BUDGETS.get(name, FEW))
    assert finding.gold is None
    assert not attack_reasons([finding], STRICT)
    if finding.gives == "answer":
        assert finding.concept.plain in (0.0, None)
        assert finding.excess is None or finding.excess <= 1e-3


@pytest.mark.parametrize("name", LIKELIHOOD)
def test_over_several_concepts_a_model_that_never_knew_is_at_chance(name, gold, collection, attack):
    def auc(concept_id):
        own = build_cases(collection, collection.concept(concept_id), retained=0, seed=0)
        return attack(name, gold, beside_gold=False, on=own, options={"pictures": 20}).details["auc"]

    mean = sum(map(auc, GOLD_WITHOUT)) / len(GOLD_WITHOUT)
    assert mean < 0.7
