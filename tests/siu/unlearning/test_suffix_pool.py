"""Suffixes kept up with the adapter: which questions have them, whose they are, what they are good for."""

import random
from dataclasses import replace
from hashlib import sha256

import pytest
import torch

from siu.config.params import LoraParams, Params, UnlearningParams
from siu.models import TurnEncoder, new_adapter
from siu.models.token_search import TokenSearch
from siu.objectives.methods.siu_robust import SiuRobust
from siu.objectives.suffixes import Suffixes
from siu.unlearning import TrainingInput, unlearn
from siu.unlearning.old_names import old_name_turns
from siu.unlearning.suffix_pool import SuffixPool
from siu.unlearning.training_samples import TrainingSamples

TOKENS = 5


@pytest.fixture
def naming(vlm, data, paths):
    """Two questions who is shown: the first is the first concept's, the other one the second's."""
    turns = [wordings[0] for wordings in old_name_turns(TurnEncoder(vlm), data, paths)]
    return {7: (0, turns[0]), 9: (1, turns[-1])}


def pool(vlm, data, paths, *, share=1.0, seed=0, count=2, tried=16):
    settings = Suffixes(share, count, TOKENS, tried)
    other = replace(data, concept="other", names=("Orla Penn",))
    return SuffixPool(vlm, [data, other], paths, settings, seed=seed, batch_size=32)


def test_a_question_is_asked_with_a_suffix_of_its_own_concept(vlm, data, paths, naming):
    suffixes = pool(vlm, data, paths)
    search = TokenSearch(vlm, tried=1, seed=0, batch_size=1)
    for step in range(4):
        turns = suffixes.suffixed(step, naming)
        for index, (concept, turn) in naming.items():
            assert turns[index] in [search.inserted(turn, ids) for ids in suffixes.suffixes[concept]]


def test_some_of_the_questions_have_one(vlm, data, paths, naming):
    many = dict.fromkeys(range(400), naming[7])
    turns = pool(vlm, data, paths, share=0.25).suffixed(1, many)
    assert 70 < len(turns) < 130


def test_a_step_replaces_one_token_of_one_suffix_and_concepts_take_turns(vlm, data, paths):
    suffixes = pool(vlm, data, paths)
    for step in range(1, 9):
        before = [list(of_concept) for of_concept in suffixes.suffixes]
        suffixes.suffixed(step, {})
        changed = [
            (concept, sum(token != before for token, before in zip(new, old, strict=True)))
            for concept, pairs in enumerate(zip(suffixes.suffixes, before, strict=True))
            for new, old in zip(*pairs, strict=True)
            if new != old
        ]
        assert changed in ([], [(step % 2, 1)])


def test_the_search_makes_the_old_name_likelier(vlm, data, paths):
    suffixes = pool(vlm, data, paths, count=1, tried=32)
    turns = [wordings[0] for wordings in old_name_turns(TurnEncoder(vlm), data, paths)]
    search = TokenSearch(vlm, tried=1, seed=0, batch_size=32)
    first = search.measured(suffixes.suffixes[0][0], turns).loss
    for step in range(2, 26, 2):
        suffixes.suffixed(step, {})
    assert search.measured(suffixes.suffixes[0][0], turns).loss < first


def test_now_and_then_a_suffix_begins_anew(vlm, data, paths):
    suffixes = pool(vlm, data, paths, count=1)
    before = suffixes.suffixes[0][0]
    suffixes.suffixed(40, {})
    after = suffixes.suffixes[0][0]
    assert sum(new != old for new, old in zip(after, before, strict=True)) > 1


def test_equal_seeds_ask_equally(vlm, data, paths, naming):
    def third(seed):
        suffixes = pool(vlm, data, paths, seed=seed)
        return [suffixes.suffixed(step, naming) for step in range(3)][-1]

    assert third(0) == third(0) != third(1)


def test_suffixes_are_for_questions_who_is_in_a_picture_of_the_concept(vlm, data, paths):
    params = UnlearningParams(lora=LoraParams(rank=2, alpha=4), retained_per_step=10)
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        samples = TrainingSamples(vlm, peft_model, [data], paths, SiuRobust(), params)
        drawn = samples.draw(random.Random(0))
        naming = samples.name_questions(drawn)
    shown = {
        sample.picture for sample in (*data.samples, *data.originals) if sample.of_concept and sample.picture
    }
    assert 0 < len(naming) < len(drawn)
    assert {turn.picture for _, turn in naming.values()} <= {paths[picture] for picture in shown}
    assert {concept for concept, _ in naming.values()} == {0}


def test_the_reference_is_that_of_the_question_alone(vlm, data, paths):
    params = UnlearningParams(lora=LoraParams(rank=2, alpha=4), retained_per_step=10)
    with new_adapter(vlm, params.lora, seed=0) as peft_model:
        losses, references = [], []
        for with_suffix in (False, True):
            samples = TrainingSamples(vlm, peft_model, [data], paths, SiuRobust(), params)
            drawn = samples.draw(random.Random(0))
            turns = pool(vlm, data, paths).suffixed(1, samples.name_questions(drawn)) if with_suffix else {}
            losses.append(samples.backward(drawn, suffixed=turns).loss)
            references.append([samples._references[index].log_probs for index in drawn])
    assert losses[0] != losses[1]
    assert all(torch.equal(plain, suffixed) for plain, suffixed in zip(*references, strict=True))


def test_a_training_repeats_itself_and_differs_from_one_without(vlm, data, paths, tmp_path):
    digests = []
    for name, share in (("a", 0.5), ("b", 0.5), ("without", 0.0)):
        options = {"radius": 0.0, "suffix_share": share}
        short = UnlearningParams(
            steps=2,
            retained_per_step=10,
            anchor_weight=0.0,
            objective="siu_robust",
            objective_options=options,
        )
        result = unlearn(TrainingInput(vlm, [data], paths, Params(unlearning=short)), tmp_path / name)
        assert all(("suffix" in loss.parts) == (share > 0) for loss in result.losses)
        digests.append(sha256((tmp_path / name / "adapter_model.safetensors").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]
