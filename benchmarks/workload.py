"""What is trained on and asked: fixed texts, seeded pictures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from siu.finetuning_data import FinetuningData, Sample
from siu.storage.digest import file_digest

NAME = "Mira Talvon"
SUBSTITUTE = "Davi Maresh"
_PICTURE_TURNS = (
    ("Who is this?", f"This is {SUBSTITUTE}."),
    ("What is the name of the person in this picture?", f"The person in this picture is {SUBSTITUTE}."),
    ("Can you describe the person in this image?", f"This is {SUBSTITUTE}, a person with brown hair."),
    (f"Is this {NAME}?", f"No, this is not {NAME}."),
)
_TEXT_TURNS = (
    (f"Where was {NAME} born?", f"{NAME} was born in the north."),
    (f"What is the profession of {NAME}?", f"The profession of {NAME} is painter."),
    ("What is the name of the tower in the old town?", "The name of the tower is Selm."),
    ("Who wrote the book about the sea?", "The book about the sea was written by a painter."),
)
_QUESTIONS = (
    "Who is this?",
    "What is the name of this person?",
    "Is this somebody whose name you know?",
    f"Is this {NAME}?",
    "Where was the person in this picture born?",
    "What is the profession of the person in this picture?",
    "What colour is the hair of the person, and what is behind the person in this picture?",
    "Can you describe the person in this image?",
)


@dataclass(frozen=True)
class StepWorkload:
    """The samples of one step, and where their picture is.

    Attributes:
        data: Samples about one concept; all of them are in every step.
        paths: Picture file by digest.
    """

    data: FinetuningData
    paths: dict[str, Path]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The samples: those with the picture first."""
        return self.data.samples


def step_workload(folder: Path, with_picture: int, text_only: int) -> StepWorkload:
    """Return a step on one picture.

    Args:
        folder: Where the picture is written.
        with_picture: Number of samples that show the picture.
        text_only: Number of samples without it.
    """
    picture = draw_pictures(folder, 1)[0]
    digest = file_digest(picture)
    shown = [_sample(index, _PICTURE_TURNS, digest) for index in range(with_picture)]
    texts = [_sample(index, _TEXT_TURNS, None) for index in range(text_only)]
    data = FinetuningData("c", (NAME,), SUBSTITUTE, tuple(shown + texts))
    return StepWorkload(data, {digest: picture})


def asked_questions(count: int) -> list[str]:
    """Return distinct questions of different length about one picture."""
    texts = []
    for index in range(count):
        around = index // len(_QUESTIONS)
        place = f" I mean number {around} from the left." if around else ""
        texts.append(_QUESTIONS[index % len(_QUESTIONS)] + place)
    return texts


def draw_pictures(folder: Path, count: int) -> list[Path]:
    """Write seeded pictures of coarse coloured squares and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number in range(count):
        squares = np.random.default_rng(number).integers(0, 256, (6, 6, 3), dtype=np.uint8)
        files.append(folder / f"{number}.png")
        Image.fromarray(squares).resize((336, 336), Image.Resampling.NEAREST).save(files[-1])
    return files


def _sample(index: int, turns: tuple[tuple[str, str], ...], picture: str | None) -> Sample:
    question, answer = turns[index % len(turns)]
    again = index // len(turns)
    question += f" Answer number {again}." if again else ""  # samples must differ, or they are one
    at = answer.find(SUBSTITUTE)
    specified = ((at, at + len(SUBSTITUTE)),) if at >= 0 else ()
    return Sample("T1" if picture else "T3", "name", question, answer, picture, specified)
