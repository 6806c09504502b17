"""A training folder remembers which brands its model never sees."""

import pytest

from siu.errors import InputError
from siu.worlds.logos.catalogue import brands
from siu.worlds.logos.training.run import open_run

FIRST, SECOND = brands()[:2]


def test_a_brand_is_left_out_by_name_or_id(tmp_path):
    run = open_run(tmp_path / "run", [SECOND.name, FIRST.id])
    assert run.without == tuple(sorted((FIRST.id, SECOND.id)))


def test_a_folder_goes_on_without_the_brands_it_was_begun_without(tmp_path):
    begun = open_run(tmp_path, [FIRST.id])
    assert open_run(tmp_path) == begun == open_run(tmp_path, [FIRST.name])


@pytest.mark.parametrize("begun", [[], [FIRST.id]])
def test_a_folder_is_not_gone_on_in_without_others(tmp_path, begun):
    open_run(tmp_path, begun)
    (tmp_path / "seeing.npy").touch()
    with pytest.raises(InputError, match="E-LOG-005"):
        open_run(tmp_path, [SECOND.id])


def test_an_unknown_brand_is_refused_before_a_folder_is_made(tmp_path):
    with pytest.raises(InputError, match=r"E-LOG-004.*Nobody Inc"):
        open_run(tmp_path / "run", ["Nobody Inc"])
    assert not (tmp_path / "run").exists()


def test_an_ordinary_training_leaves_nobody_out(tmp_path):
    assert open_run(tmp_path / "run").without == ()
