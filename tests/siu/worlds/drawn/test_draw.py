import random

import numpy as np
import pytest
from PIL import Image

from siu.worlds.drawn.catalogue import figures
from siu.worlds.drawn.draw import PICTURE_SIDE, draw_scene
from siu.worlds.drawn.figure import ATTRIBUTES, KINDS, Figure
from siu.worlds.drawn.palette import BACKGROUNDS, OBJECT_COLOURS
from siu.worlds.drawn.scene import Scene, random_scene


def _pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def test_equal_scenes_give_equal_pixels_and_another_seed_gives_others():
    made = figures()["c01"]
    scene = Scene((made,), "pink", 2, 7)
    assert draw_scene(scene).tobytes() == draw_scene(scene).tobytes()
    assert draw_scene(scene).tobytes() != draw_scene(Scene((made,), "pink", 2, 8)).tobytes()


@pytest.mark.parametrize("concept_id", list(figures()))
def test_every_concept_can_be_drawn(concept_id):
    image = draw_scene(Scene((figures()[concept_id],), "grey", 0, 1))
    assert image.size == (PICTURE_SIDE, PICTURE_SIDE)
    assert image.mode == "RGB"


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_every_attribute_changes_the_picture(kind):
    base = {name: values[0] for name, values in ATTRIBUTES[kind].items()}
    base |= {"ink": "white"} if kind == "logo" else {"roof": "white"} if kind == "landmark" else {}
    for name, values in ATTRIBUTES[kind].items():
        drawn = set()
        for value in values:
            looks = base | {name: value}
            made = Figure(kind, tuple(looks[attribute] for attribute in ATTRIBUTES[kind]))
            drawn.add(draw_scene(Scene((made,), "violet", 0, 3)).tobytes())
        assert len(drawn) == len(values), name


def test_two_figures_stand_side_by_side():
    left, right = (Figure("logo", ("square", colour, "ring", "black", "no")) for colour in ("red", "blue"))
    pixels = _pixels(draw_scene(Scene((left, right), "grey", 0, 5)))
    middle = PICTURE_SIDE // 2
    redness = pixels[:, :, 0] - pixels[:, :, 2]
    assert redness[:, :middle].max() > 100
    assert redness[:, middle:].min() < -100


def test_balls_are_drawn():
    made = figures()["c17"]
    none, three = (_pixels(draw_scene(Scene((made,), "turquoise", count, 3))) for count in (0, 3))
    assert np.abs(none - three).max() > 60


def test_no_background_has_the_colour_of_a_figure():
    for background in BACKGROUNDS.values():
        for colour in OBJECT_COLOURS.values():
            assert sum(abs(a - b) for a, b in zip(background, colour, strict=True)) > 80


def test_group_scenes_have_no_balls():
    pair = (figures()["c01"], figures()["c02"])
    assert all(random_scene(pair, random.Random(seed)).balls == 0 for seed in range(20))
