"""Near-duplicates: pictures that a test would confuse with the one that is trained on.

The difference hash (Krawetz 2013) says of each of 16×16 places whether the picture gets brighter to the
right; scaling, saving anew and small changes of light leave most of its 256 bits as they are. On the drawn
world such copies differed in at most 32 bits, two pictures of one concept in at least 59.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 16


def difference_hash(image: Image.Image) -> NDArray[np.bool_]:
    """Return a picture's (256,) difference hash."""
    grey = image.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(grey, dtype=np.int16)
    return (pixels[:, 1:] > pixels[:, :-1]).reshape(-1)


@dataclass(frozen=True)
class Duplicate:
    """A picture to be dropped, and the one it repeats.

    Attributes:
        index: The picture.
        of: The other picture.
        both: Whether the other one, which shows another concept, is dropped as well.
    """

    index: int
    of: int
    both: bool


def near_duplicates(
    hashes: Sequence[NDArray[np.bool_]],
    concepts: Sequence[str],
    pixels: Sequence[int],
    *,
    distance: int,
) -> list[Duplicate]:
    """Return the pictures to be dropped.

    Of two near-duplicates of one concept the smaller goes, at equal size the later. If they are filed under
    two concepts, nobody can tell who is shown, and both go.

    Args:
        hashes: `difference_hash` of each picture.
        concepts: Id of the concept of each picture.
        pixels: Number of pixels of each picture.
        distance: Two pictures are near-duplicates if at most this many of their 256 bits differ.
    """
    if not hashes:
        return []
    table = np.stack(hashes)
    dropped: dict[int, Duplicate] = {}
    order = sorted(range(len(hashes)), key=lambda index: (-pixels[index], index))
    for place, index in enumerate(order):
        earlier = order[:place]
        apart = (table[earlier] != table[index]).sum(axis=1)
        for close in (neighbour for neighbour, bits in zip(earlier, apart, strict=True) if bits <= distance):
            if concepts[close] != concepts[index]:
                dropped[close] = Duplicate(close, index, True)
                dropped[index] = Duplicate(index, close, True)
            elif close not in dropped:
                dropped.setdefault(index, Duplicate(index, close, False))
    return [dropped[index] for index in sorted(dropped)]
