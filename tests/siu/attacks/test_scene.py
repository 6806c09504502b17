"""What an attack is held against: the same pictures, asked about without it."""

from dataclasses import replace

import pytest

from siu.attacks.registry import attack_class, build_attack
from siu.attacks.scene import Scene

SMALL = {
    "hints": {},
    "image_pgd": {"epsilons": [1.0], "steps": 1},
    "logit_lens": {},
    "paraphrases": {},
    "quantisation": {"precisions": ["bf16"]},
    "soft_prompt": {"steps": 1, "fitted": 1},
    "typographic": {},
    "universal_perturbation": {"steps": 1, "fitted": 1},
}


class Noting(Scene):
    """A scene that keeps what it was asked."""

    def ask(self, asks):
        self.__dict__.setdefault("asked", []).extend(asks)
        return super().ask(asks)


@pytest.fixture(scope="module")
def mixed(cases):
    """A case of which the model knows the first picture only: the others show strangers."""
    return replace(cases[0], test=(cases[0].test[0], *cases[1].test[:3]))


def test_plain_is_the_rate_on_as_many_pictures_as_are_attacked(vlm, mixed):
    scene = Scene(vlm, (mixed,))
    assert [scene.plain(0, pictures) for pictures in (1, 4, 2, 100)] == [1.0, 0.25, 0.5, 0.25]


def test_no_picture_is_asked_about_twice(vlm, mixed):
    scene = Noting(vlm, (mixed,))
    for pictures in (1, 4, 2, 100):
        scene.plain(0, pictures)
    assert scene.asked == scene.naming(0, 4, "plain")


def test_without_pictures_nothing_is_measured(vlm, mixed):
    assert Scene(vlm, (replace(mixed, test=()),)).plain(0, 8) is None


@pytest.mark.parametrize("name", SMALL)
def test_an_attack_on_one_picture_is_held_against_that_one(name, vlm, mixed):
    attack = build_attack(name, "standard", {"pictures": 1, **SMALL[name]})
    assert attack.run(Scene(vlm, (mixed,))).outcomes[0].plain == 1.0


def test_a_probe_is_fitted_on_train_wordings_and_measured_on_test_wordings(vlm, cases):
    scene = Scene(vlm, cases[:2], strangers=cases[1].test, reference=cases[1].fit)
    encoded = []
    encode = scene.encoder.encode
    scene.encoder.encode = lambda turn: encoded.append(turn) or encode(turn)
    attack_class("linear_probe")(steps=1).run(scene)
    asked = {split: cases[0].wordings("name", split) for split in ("train", "test")}
    fit, test = {*cases[0].fit, *cases[1].fit}, {*cases[0].test, *cases[1].test}
    assert {turn.picture for turn in encoded if turn.question in asked["train"]} == fit
    assert {turn.picture for turn in encoded if turn.question in asked["test"]} == test
