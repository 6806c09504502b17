"""A concept that entered a benchmark, with its pictures and questions."""

from collections import Counter
from dataclasses import dataclass

from siu.data.concepts import Concept
from siu.mmubench.builder.candidates import Candidate
from siu.mmubench.builder.looks import Looks
from siu.mmubench.builder.recognition import Recognition


@dataclass(frozen=True)
class Chosen:
    """One concept of the benchmark.

    Attributes:
        concept: The concept with its questions.
        pictures: The picture to train on, then those to test on.
        recognition: How well the base model knows each of them.
        looks: Questions about the looks of each of them.
    """

    concept: Concept
    pictures: tuple[Candidate, ...]
    recognition: tuple[Recognition, ...]
    looks: tuple[Looks, ...]

    def question_counts(self) -> dict[str, int]:
        """Return the number of measured questions by what they ask."""
        wordings = Counter(wording.purpose for wording in self.concept.wordings)
        looks = {question.question for look in self.looks[1:] for question in look.measured}
        multi_hop = {fact.picture_question for fact in self.concept.facts if fact.split == "test"}
        return {
            "hidden name": wordings["name"],
            "yes/no": wordings["yes_no"],
            "description": wordings["describe"],
            "attribute": len(looks),
            "multi-hop": len(multi_hop),
        }
