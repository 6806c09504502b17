import pytest
import torch

from siu.models.engine.features import PictureFeatures


@pytest.fixture
def seen(vlm, monkeypatch):
    """Return how many pictures each pass through the vision tower saw."""
    counts, look = [], PictureFeatures._see

    def counted(self, pictures):
        counts.append(len(pictures))
        return look(self, pictures)

    monkeypatch.setattr(PictureFeatures, "_see", counted)
    vlm.drop_inputs()
    return counts


def test_a_picture_goes_through_the_tower_once(vlm, pictures, seen):
    first, second = (vlm.features.features([*pictures[:2], pictures[0]]) for _ in range(2))
    assert seen == [2]
    assert all(one.equal(other) for one, other in zip(first, second, strict=True))
    assert first[0].equal(first[2])


def test_beyond_the_room_a_picture_is_seen_again_and_looks_the_same(vlm, pictures, seen, monkeypatch):
    one, other = vlm.features.features(pictures[:2])
    monkeypatch.setattr("siu.models.engine.features.MOST_BYTES", one.nbytes)
    vlm.drop_inputs()
    seen.clear()
    for picture, known in [
        (pictures[0], one),
        (pictures[1], other),
        (pictures[1], other),
        (pictures[0], one),
    ]:
        torch.testing.assert_close(vlm.features.features([picture])[0], known)
    assert seen == [1, 1, 1]
