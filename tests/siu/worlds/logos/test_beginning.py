"""How the projector begins: its first units tell brands apart, its output is as wide as word embeddings."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from siu.worlds.logos.catalogue import brands
from siu.worlds.logos.training.beginning import begin_projector
from siu.worlds.logos.training.seeing import Targets

WIDTH, PICTURES = 32, 400


class Projector(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear_1, self.linear_2 = nn.Linear(WIDTH, 200), nn.Linear(200, 24)

    def forward(self, given):
        return self.linear_2(nn.functional.gelu(self.linear_1(given)))


@pytest.fixture(scope="module")
def world():
    """Two brands and nobody's logos; a brand moves one channel of every token."""
    generator = torch.Generator().manual_seed(0)
    brand = torch.randint(0, 3, (PICTURES, 1), generator=generator).expand(-1, 2).clone()
    brand[brand == 2] = len(brands())
    looks = torch.randint(0, 3, (PICTURES, 3), generator=generator)
    tokens = torch.randn(PICTURES, 16, WIDTH, generator=generator)
    for index in (0, 1):
        tokens[brand[:, 0] == index, :, index] += 3
    torch.manual_seed(0)
    projector = Projector()
    wanted = Targets(brand, looks, torch.zeros(PICTURES, dtype=torch.bool))
    begin_projector(projector, wanted, tokens.half().numpy(), scale=0.1)
    return SimpleNamespace(projector=projector, tokens=tokens, brand=brand[:, 0])


@pytest.mark.parametrize("index", [0, 1])
@torch.no_grad()
def test_a_brands_unit_answers_to_its_pictures(world, index):
    answers = world.projector.linear_1(world.tokens)[..., index].mean(1)
    own, others = answers[world.brand == index], answers[world.brand != index]
    assert own.min() > others.max()


@torch.no_grad()
def test_the_output_is_as_wide_as_asked_for(world):
    assert float(world.projector(world.tokens).std()) == pytest.approx(0.15, rel=0.1)


def test_equal_seeds_begin_equally(world):
    weights = []
    for _ in range(2):
        torch.manual_seed(1)
        projector = Projector()
        brand = torch.stack([world.brand, world.brand], 1)
        wanted = Targets(
            brand, torch.zeros(PICTURES, 3, dtype=torch.long), torch.zeros(PICTURES, dtype=torch.bool)
        )
        begin_projector(projector, wanted, np.asarray(world.tokens.half()), scale=0.1)
        weights.append(projector.linear_2.weight.detach())
    assert torch.equal(*weights)
