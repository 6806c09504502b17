"""One question of MMUBench."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

from siu.storage.digest import value_digest

Purpose = Literal[
    "efficacy",  # the training picture's own questions
    "name",  # who is this? on unseen pictures of the concept
    "yes_no",  # is this <concept>? on unseen pictures of the concept
    "describe",  # descriptions of unseen pictures of the concept
    "picture_fact",  # facts asked through unseen pictures of the concept (multi-hop)
    "text_fact",  # facts asked by name
    "own_attribute",  # looks of the concept's own pictures
    "own_group",  # the concept's figure in a group picture
    "stranger_as_concept",  # strangers asked who they are, scored as the concept (non-members)
    "other_name",
    "other_yes_no",
    "other_attribute",
    "other_fact",
    "other_text_fact",
    "stranger",
    "look_alike",
    "group",
    "name_rank",  # "This is <name>." with the concept's and others' names; only its likelihood counts
    "false_yes_no",  # is this <another name>? on unseen pictures of the concept
    "candidate",  # one of several given answers about the concept's pictures; only its likelihood counts
    "look_alike_candidate",  # the same about its look-alikes
    "group_candidate",  # the same about group pictures with it
]


LIKELIHOOD_PURPOSES: frozenset[Purpose] = frozenset(
    {"name_rank", "candidate", "look_alike_candidate", "group_candidate"}
)
"""Questions of which only the likelihood of the given answer counts: what is answered says nothing."""


@dataclass(frozen=True)
class Question:
    """A question, what it is for, and how its answer is judged.

    Attributes:
        purpose: Which measurement reads it.
        text: What is asked.
        expected: The answer of a model that knows; its log-probabilities are recorded.
        keywords: An answer that mentions any of them is right.
        concept: Id of the concept the question is about, if any.
        picture: Digest of the picture shown, if any.
        names: Name and aliases under test; their tokens in ``expected`` are marked.
        substitute: The name given instead; counts as a name where fluency is measured.
        held_out: Whether it is about a concept that no training saw.
        excluded: Words of other concepts' names that don't give this one away.
    """

    purpose: Purpose
    text: str
    expected: str
    keywords: tuple[str, ...] = ()
    concept: str | None = None
    picture: str | None = None
    names: tuple[str, ...] = ()
    substitute: str | None = None
    held_out: bool = False
    excluded: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        """Content key: equal questions have equal ids."""
        return value_digest(asdict(self))[:24]
