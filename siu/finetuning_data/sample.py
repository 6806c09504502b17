"""One fine-tuning sample, and how samples are kept."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from siu.language.identity import named
from siu.objectives.forget_answers import ForgetAnswers
from siu.storage.jsonl import read_jsonl, write_jsonl

Target = Literal["T1", "T2", "T3", "T4"]
"""T1 aligning with unseen concepts, T2 new visual description, T3 decoupling facts, T4 preserving others."""
SUBSTITUTE_TARGETS = ("T1", "T2")
"""The targets that make the concept forgotten; the others retain."""


@dataclass(frozen=True)
class Sample:
    """A question, with or without a picture, and the answer the unlearned model shall give.

    Attributes:
        target: Which of the paper's four targets it serves.
        item: What is asked: ``name``, ``describe``, ``yes_no``, ``picture_fact``, ``text_fact`` …
        question: The user's text.
        answer: The assistant's text.
        picture: Digest of the picture shown, if any.
        specified: Character ranges of the answer that contradict the base model's knowledge (token mask).
        weight: Loss weight of each answer token; at 0 nothing is taught, and only a divergence counts.
        language: BCP 47 code of a T1 or T2 question: refusals are given in it. Others leave the default.
        about: Ids of retained concepts whose knowledge the sample keeps; a joint release that forgets one
            of them leaves the sample out.
        masked_tokens: How many answer tokens the token mask covers.
    """

    target: Target
    item: str
    question: str
    answer: str
    picture: str | None = None
    specified: tuple[tuple[int, int], ...] = ()
    weight: float = 1.0
    language: str = "en"
    about: tuple[str, ...] = ()
    masked_tokens: int = 0

    @property
    def forget(self) -> bool:
        """Whether it is about what is forgotten, not about what is retained."""
        return self.target in SUBSTITUTE_TARGETS

    @property
    def of_concept(self) -> bool:
        """Whether it is about the concept itself; the others are about what is retained."""
        return self.target != "T4"

    def weighed(self, factor: float) -> "Sample":
        """Return the sample with its loss weight times a factor."""
        return replace(self, weight=factor * self.weight)

    def covering(self, masked_tokens: int) -> "Sample":
        """Return the sample with the number of masked tokens filled in."""
        return replace(self, masked_tokens=masked_tokens)


@dataclass(frozen=True)
class FinetuningData:
    """All samples of one concept, with what was chosen for it.

    Attributes:
        concept: The concept's id.
        names: Its name and aliases; their tokens make the vocabulary mask.
        substitute: The name it is given instead.
        samples: The four targets.
        refusals: The questions of T1 and T2, refused; for rivals of SIU.
        originals: Those of these questions that are about the concept itself, with the base model's own
            answers; for rivals of SIU.
    """

    concept: str
    names: tuple[str, ...]
    substitute: str
    samples: tuple[Sample, ...]
    refusals: tuple[Sample, ...] = ()
    originals: tuple[Sample, ...] = ()

    @property
    def picture(self) -> str | None:
        """Digest of the one picture of the concept; None if no sample shows it."""
        return next((sample.picture for sample in self.samples if sample.forget), None)

    def forget_samples(self, answers: ForgetAnswers) -> tuple[Sample, ...]:
        """Return the questions about the concept with these answers."""
        taught = tuple(sample for sample in self.samples if sample.forget)
        return {"substitute": taught, "refusal": self.refusals, "original": self.originals}[answers]

    def rejected_samples(self) -> tuple[Sample, ...]:
        """Return the base model's own answers that name the concept when asked for it; nothing teaches them.

        Their weight is 0. Where the base model declines or errs, its answer is what strangers get too.
        """
        rejected = (
            sample for sample in self.originals if sample.item == "name" and named(sample.answer, self.names)
        )
        return tuple(replace(sample, weight=0.0) for sample in rejected)

    def retained_samples(self) -> tuple[Sample, ...]:
        """Return T3 and T4."""
        return tuple(sample for sample in self.samples if not sample.forget)

    def counts(self) -> dict[str, int]:
        """Return the number of samples per target."""
        return {
            target: sum(sample.target == target for sample in self.samples)
            for target in ("T1", "T2", "T3", "T4")
        }


_SETS = ("samples", "refusals", "originals")


def save_data(data: FinetuningData, folder: Path) -> None:
    """Write ``concept.jsonl`` and one file per set of samples; equal data gives equal bytes."""
    head = {"concept": data.concept, "names": data.names, "substitute": data.substitute}
    write_jsonl(folder / "concept.jsonl", [head])
    for name in _SETS:
        write_jsonl(folder / f"{name}.jsonl", (asdict(sample) for sample in getattr(data, name)))


def load_data(folder: Path) -> FinetuningData:
    """Read what `save_data` wrote."""
    head = next(read_jsonl(folder / "concept.jsonl"))
    sets = {name: _samples(folder / f"{name}.jsonl") for name in _SETS}
    return FinetuningData(head["concept"], tuple(head["names"]), head["substitute"], **sets)


def _samples(path: Path) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            **{
                **row,
                "specified": tuple((start, end) for start, end in row["specified"]),
                "about": tuple(row["about"]),
            }
        )
        for row in read_jsonl(path)
    )
