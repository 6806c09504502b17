"""Pixels are attacked where a picture is one row of them; tokens and weights on every architecture."""

import pytest

from siu.attacks.case import Case
from siu.attacks.observation import UNMEASURED
from siu.attacks.registry import build_attack
from siu.attacks.scene import Scene
from siu.config.params import BaseModelParams
from siu.data.concepts import Concept
from siu.models import load_model
from siu.models.architectures import ARCHITECTURES
from tests.siu.models.tiny import build

EVERYWHERE = {
    "adversarial_suffix": {"pictures": 1, "fitted": 1, "tokens": 2, "steps": 1, "tried": 2},
    "pruning": {"pictures": 1, "sparsities": [0.5]},
    "quantisation": {"pictures": 1, "precisions": ["int4", "gptq", "awq"]},
}
PIXELS = {
    "image_pgd": {"pictures": 1, "epsilons": [2.0], "steps": 1},
    "universal_perturbation": {"pictures": 1, "fitted": 1, "steps": 1},
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_attack_is_measured_where_it_can_be(architecture, draw, tmp_path):
    tiny = load_model(BaseModelParams(source=str(build(architecture, tmp_path / "model"))))
    shown = [draw(tmp_path / f"{shade}.png", shade, (40, 64)) for shade in range(4)]
    case = Case("concept", Concept("ann", "Ann Lee", "person"), tuple(shown[:2]), tuple(shown[2:]))
    scene = Scene(tiny, (case,), max_new_tokens=2)
    for name, budget in PIXELS.items():
        seen = build_attack(name, "standard", budget).run(scene)
        assert (seen.outcomes == (UNMEASURED,)) is ARCHITECTURES[architecture].tiles
    for name, budget in EVERYWHERE.items():
        seen = build_attack(name, "standard", budget).run(scene)
        assert seen.outcomes[0].attacked is not None
