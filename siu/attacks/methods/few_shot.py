"""Few shots: pictures with their names beside the picture that is asked about."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from PIL import Image
from pydantic import Field

from siu.attacks.attack import Family
from siu.attacks.observation import Control
from siu.attacks.picture_attack import MadePictureAttack
from siu.attacks.prompts import prompts
from siu.attacks.scene import Ask, Scene
from siu.config.profiles import Profile
from siu.data.images import load_image, save_clean_png
from siu.language.phrasings import questions

Shots = Annotated[int, Field(ge=1, le=4)]


class FewShot(MadePictureAttack):
    """Few-shot prompting (Brown et al. 2020, arXiv 2005.14165) in one picture, beside retained concepts.

    They fill the left half of a sheet, and the question names them; the right half is asked about.
    """

    title: ClassVar[str] = "Few shots"
    family: ClassVar[Family] = "picture"
    score: ClassVar[str] = "pictures named beside the worst number of named ones"
    because: ClassVar[str] = "among named pictures a model may name anybody"
    controls: ClassVar[tuple[Control, ...]] = ("strangers",)
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"pictures": 20}}

    shots: Annotated[tuple[Shots, ...], Field(min_length=1)] = (1, 2)
    """How many named pictures stand beside it, four at most."""

    def asks(self, scene: Scene, index: int, folder: Path) -> Iterator[Ask]:
        """Yield the question about every sheet; without retained concepts there are no shots."""
        case = scene.cases[index]
        named = [
            (other.concept.name, picture)
            for other in scene.cases
            if other.role == "retained" and other is not case
            for picture in other.fit
        ]
        kind = case.concept.kind
        question = questions("group", kind, split="test", side="right")[0]
        for count in self.shots if named else ():
            for number, picture in enumerate(case.test[: self.pictures]):
                shots = [named[(number + turn) % len(named)] for turn in range(count)]
                names = " and ".join(dict.fromkeys(name for name, _ in shots))
                path = folder / f"{index}-{number}-{count}.png"
                save_clean_png(_sheet([load_image(shot) for _, shot in shots], load_image(picture)), path)
                (shown,) = prompts("shots", kind, names=names)
                yield Ask(index, f"beside {count}", f"{shown} {question}", path, case.names)


def _sheet(shots: Sequence[Image.Image], picture: Image.Image) -> Image.Image:
    """Return a sheet of the picture's size: shots below each other on the left, its middle on the right."""
    width, height = picture.size
    half, row = width // 2, height // len(shots)
    sheet = Image.new("RGB", picture.size, "white")
    for place, shot in enumerate(shots):
        part = shot.resize(picture.size)
        if len(shots) == 1:
            part = part.crop((width // 4, 0, width // 4 + half, height))
        sheet.paste(part.resize((half, row)), (0, place * row))
    sheet.paste(picture.crop((width // 4, 0, width // 4 + half, height)), (half, 0))
    return sheet
