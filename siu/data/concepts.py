"""What there is to know about a concept, and the pictures it is measured on."""

from dataclasses import dataclass
from typing import Literal

from siu.language.kinds import Kind as Kind
from siu.language.kinds import Split as Split

Role = Literal["concept", "stranger", "look_alike", "group"]
WordingPurpose = Literal["name", "yes_no", "describe"]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
"""Where the two figures of a group picture are, in the order of `Picture.concepts`."""


@dataclass(frozen=True)
class Fact:
    """One fact about a concept, asked as text and through a picture.

    Attributes:
        text_question: Asks by name: "Where does Mira Talvon live?".
        picture_question: Asks without the name: "Where does the person in the picture live?".
        answer: The true answer as a sentence.
        keyword: What an answer must contain, as whole words, to count as right.
        split: ``train`` wordings may enter fine-tuning data; ``test`` wordings are only measured.
        language: BCP 47 code of question and answer.
    """

    text_question: str
    picture_question: str
    answer: str
    keyword: str
    split: Split = "train"
    language: str = "en"


@dataclass(frozen=True)
class Wording:
    """A question about a picture of a concept, in words that are only measured, never trained on.

    Attributes:
        purpose: ``name`` and ``describe`` hide the name, ``yes_no`` holds it.
        text: What is asked.
    """

    purpose: WordingPurpose
    text: str


@dataclass(frozen=True)
class Concept:
    """Something that can be recognised by sight.

    Attributes:
        id: Opaque identifier ``[a-z0-9-]+``; the only thing that names folders and tags.
        name: Display name in its own script, NFC.
        kind: Decides phrasings, substitute names and looks.
        aliases: Other names that count as naming the concept.
        facts: What is known about it; may be empty.
        wordings: How its recognition is measured; without any as `siu.language.phrasings` says.
    """

    id: str
    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    wordings: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class PictureQuestion:
    """A question about what a picture shows that needs no identity (attributes, counts).

    Attributes:
        question: The question's text.
        answer: The right answer as a sentence.
        keyword: What an answer must contain, as whole words, to count as right.
        language: BCP 47 code of question and answer.
    """

    question: str
    answer: str
    keyword: str
    language: str = "en"


@dataclass(frozen=True)
class Picture:
    """One picture of a collection.

    Attributes:
        file: Path relative to the collection's folder.
        digest: sha256 of the file's bytes.
        role: What the picture is for.
        split: ``test`` pictures are never trained on.
        concepts: Ids of the concepts shown, from left to right; empty for strangers and look-alikes.
        resembles: Id of the concept that a look-alike resembles.
        kind: Kind of what is shown.
        questions: Questions about its looks.
    """

    file: str
    digest: str
    role: Role
    split: Split
    kind: Kind
    concepts: tuple[str, ...] = ()
    resembles: str | None = None
    questions: tuple[PictureQuestion, ...] = ()

    def side_of(self, concept_id: str) -> Side:
        """Return where a concept is in a group picture.

        Raises:
            ValueError: It isn't shown.
        """
        return SIDES[self.concepts.index(concept_id)]
