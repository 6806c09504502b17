"""Draw a folder of pictures as a user would bring it: `python examples/own-logos/draw.py own`.

Twelve brands in scenes of their own, strangers' logos, look-alikes and pairs, in the form that
docs/how-to/own-data.md describes; the pictures are none of the logos world's. Needs the extra world-logos.
"""

import argparse
import csv
import random
from collections.abc import Iterable
from pathlib import Path

from siu.data.images import save_clean_png
from siu.worlds.logos.catalogue import brands, icons, look_alike, strangers
from siu.worlds.logos.draw import draw_scene
from siu.worlds.logos.scene import Mark, random_scene

BRANDS = ("b01", "b07", "b17", "b18", "b25", "b27", "b30", "b31", "b38", "b43", "b47", "b49")
TRAIN, TEST = 2, 12
"""Pictures of each brand."""


def main() -> None:
    """Draw the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    chosen = [brand for brand in brands() if brand.id in BRANDS]
    _write(folder / "concepts.csv", ("id", "name", "kind"), ((b.id, b.name, b.kind) for b in chosen))
    facts = (
        (b.id, fact.text_question, fact.picture_question, fact.answer, fact.keyword, fact.split)
        for b in chosen
        for fact in b.facts
    )
    columns = ("concept", "text_question", "picture_question", "answer", "keyword", "split")
    _write(folder / "facts.csv", columns, facts)
    for brand in chosen:
        for split, count in (("train", TRAIN), ("test", TEST)):
            for number in range(count):
                _draw(folder / "pictures" / brand.id / split / f"{number}.png", Mark(icons()[brand.id]))
        altered = look_alike(brand.id, "test", random.Random(f"own:{brand.id}"))
        _draw(folder / "pictures/_look_alikes" / brand.id / "0.png", altered)
    for split in ("train", "test"):
        for number, icon in enumerate(strangers("test")[split == "test" :: 2][:12]):
            _draw(folder / "pictures/_strangers" / split / f"{number}.png", Mark(icon))
    pairs = [(f"{n}.png", left.id, chosen[n - 1].id) for n, left in enumerate(chosen)]
    for name, left, right in pairs:
        _draw(folder / "pictures/_groups" / name, Mark(icons()[left]), Mark(icons()[right]))
    _write(folder / "groups.csv", ("file", "left", "right"), pairs)


def _draw(path: Path, *marks: Mark) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_clean_png(draw_scene(random_scene(marks, random.Random(f"own:{path.parts[-3:]}"))), path)


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
