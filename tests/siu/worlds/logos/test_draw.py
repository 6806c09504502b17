"""Drawing: equal scenes give equal bytes, changed logos look changed."""

import random

import numpy as np
import pytest

from siu.errors import InputError
from siu.worlds.logos.draw import PICTURE_SIDE, draw_scene, shape
from siu.worlds.logos.icons import available, mask
from siu.worlds.logos.scene import PLATES, SURFACES, Mark, Scene, random_scene
from siu.worlds.logos.surfaces import surface

pytestmark = pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")


def scene(seed, *marks):
    return random_scene(marks or (Mark("spotify"),), random.Random(seed))


def test_equal_scenes_give_equal_bytes_and_others_don_t():
    pictures = [draw_scene(scene(seed)).tobytes() for seed in (1, 1, 2)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_a_picture_has_the_eyes_size():
    picture = draw_scene(scene(0, Mark("spotify"), Mark("apple")))
    assert (picture.mode, picture.size) == ("RGB", (PICTURE_SIDE, PICTURE_SIDE))


@pytest.mark.parametrize("kind", SURFACES)
def test_a_surface_is_in_range_and_not_flat(kind):
    pixels = surface(kind, 96, np.random.default_rng(0))
    assert pixels.shape == (96, 96, 3)
    assert pixels.min() >= 0
    assert pixels.max() <= 255
    assert pixels.std() > 4


@pytest.mark.parametrize("mark", [Mark("spotify", "swapped"), Mark("spotify", "spliced", "apple")])
def test_a_changed_logo_differs_in_much_of_its_area(mark):
    own, changed = (np.asarray(shape(one), dtype=float) / 255 for one in (Mark("spotify"), mark))
    assert np.abs(own - changed).mean() > 0.1


def test_with_a_plate_something_other_than_the_surface_is_behind_the_logo():
    plain = Scene((Mark("apple"),), "black", "none", "", "wood", 3)
    plated = Scene((Mark("apple"),), "black", "round", "white", "wood", 3)
    brighter = np.asarray(draw_scene(plated), float) - np.asarray(draw_scene(plain), float)
    assert (brighter.mean(2) > 40).mean() > 0.1


def test_a_logos_colour_stands_out_from_its_plate():
    for seed in range(200):
        made = scene(seed)
        assert made.plate in PLATES
        assert made.plate == "none" or made.plate_colour != made.colour


def test_an_icon_that_the_package_lacks_is_named():
    with pytest.raises(InputError, match=r"E-LOG-002.*nosuchicon"):
        mask("nosuchicon")
