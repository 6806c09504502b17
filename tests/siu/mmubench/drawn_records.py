"""Records of every purpose, drawn from a seed: what the metrics are compared on from change to change."""

import random
from typing import get_args

from siu.mmubench import Question, Record, Records
from siu.mmubench.question import Purpose

NAMES = ("Mira Talvon", "Mira")
ANSWERS = (
    "This is Mira Talvon.",
    "This is Kira Jansow.",
    "I do not know this person.",
    "I can't identify people.",
    "It is Talvon, I think.",
    "This is Oren Belk.",
    "No.",
    "Yes.",
    "red",
    "the the the the the",
    "",
)
KEYWORDS = (("red",), ("Oren Belk",), ("Kira Jansow",), ("I do not know this person.",), ("yes",), ("no",))


def drawn_records(seed: int, per_purpose: int = 12) -> Records:
    """Return records of equal questions for any seed; answers and likelihoods differ."""
    draw, questions = random.Random(seed), random.Random("questions")
    records = {}
    for purpose in get_args(Purpose):
        for number in range(per_purpose):
            picture = f"picture-{number // 2}" if questions.random() < 0.8 else None
            question = Question(
                purpose,
                f"{purpose} {number}?",
                "This is Mira Talvon.",
                questions.choice(KEYWORDS),
                "c01",
                picture,
                NAMES,
                "Kira Jansow",
                number % 3 == 0,
            )
            tokens = tuple(-draw.expovariate(1.0) for _ in range(5))
            reference = tuple(-draw.expovariate(1.0) for _ in range(draw.randrange(4)))
            records[question.id] = Record(
                question,
                draw.choice(ANSWERS),
                tokens,
                (False, False, True, True, number % 4 == 0),
                reference,
                draw.choice((0.0, 0.2, 0.5)),
            )
    return records


def drawn_ratings(records: Records, seed: int) -> dict[str, int]:
    """Return a judge's rating of every third record."""
    draw = random.Random(seed)
    return {key: draw.randint(1, 5) for key in list(records)[::3]}
