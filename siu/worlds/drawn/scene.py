"""What a picture shows, before it is drawn."""

import random
from dataclasses import dataclass

from siu.worlds.drawn.figure import Figure
from siu.worlds.drawn.palette import BACKGROUNDS

MOST_BALLS = 3


@dataclass(frozen=True)
class Scene:
    """One picture's content; position, light and noise follow from the seed.

    Attributes:
        figures: One figure, or two from left to right.
        background: Name of the colour behind them.
        balls: How many balls lie around.
        seed: Decides everything else.
    """

    figures: tuple[Figure, ...]
    background: str
    balls: int
    seed: int


def random_scene(figures: tuple[Figure, ...], rng: random.Random) -> Scene:
    """Return a scene of these figures with a random background and number of balls."""
    background = rng.choice(sorted(BACKGROUNDS))
    balls = rng.randint(0, MOST_BALLS) if len(figures) == 1 else 0
    return Scene(figures, background, balls, rng.getrandbits(48))
