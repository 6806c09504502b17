"""Views of the one picture: turned, cropped and lit a little differently.

One picture of a concept is all there is. Trained on its exact pixels alone, T1 generalises less to other
pictures than with a few slightly changed views of it.
"""

import random
from pathlib import Path

from PIL import Image, ImageEnhance

from siu.data.images import load_image, save_clean_png
from siu.storage.digest import file_digest

_TURN = 10.0
_ZOOM = (0.85, 1.15)
_SHIFT = 0.06
_LIGHT = (0.75, 1.25)


def make_views(picture: Path, folder: Path, *, count: int, seed: int) -> tuple[Path, ...]:
    """Write changed views of a picture as PNG files; equal arguments give equal bytes.

    Args:
        picture: The one picture.
        folder: Where to; made if missing.
        count: Number of views; 0 writes nothing.
        seed: Decides the changes, together with the picture's content.
    """
    image = load_image(picture)
    rng = random.Random(f"{seed}:{file_digest(picture)}:views")
    paths = []
    for index in range(count):
        folder.mkdir(parents=True, exist_ok=True)
        paths.append(folder / f"view-{index:02d}.png")
        save_clean_png(_view(image, rng), paths[-1])
    return tuple(paths)


def _view(image: Image.Image, rng: random.Random) -> Image.Image:
    turn, zoom = rng.uniform(-_TURN, _TURN), rng.uniform(*_ZOOM)
    shift = [rng.uniform(-_SHIFT, _SHIFT) * side for side in image.size]
    border = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    moved = image.rotate(
        turn, Image.Resampling.BICUBIC, translate=(round(shift[0]), round(shift[1])), fillcolor=border
    )
    width, height = image.size
    left, top = (width - width / zoom) / 2, (height - height / zoom) / 2
    box = (1 / zoom, 0.0, left, 0.0, 1 / zoom, top)
    zoomed = moved.transform(
        image.size, Image.Transform.AFFINE, box, Image.Resampling.BICUBIC, fillcolor=border
    )
    lit = ImageEnhance.Brightness(zoomed).enhance(rng.uniform(*_LIGHT))
    return ImageEnhance.Contrast(lit).enhance(rng.uniform(*_LIGHT))
