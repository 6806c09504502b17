"""Where others' answers would go on like the substitute's name (ours).

T1 teaches "This is Rosa Tibor." The model learns that after "This is R" comes "osa Tibor", whatever picture
is shown: others whose names begin with the same token are then called Rosa, and nothing that is right at its
first token repairs that, unless it was retained itself. So the substitute is put into the mouth of others: of
a continuation the base model's distribution is kept at every token, and no token is taught.
"""

import random
from collections.abc import Iterator, Sequence

from siu.data.concepts import SIDES, Picture
from siu.finetuning_data.case import Case
from siu.finetuning_data.sample import Sample
from siu.language.phrasings import Purpose, answer, questions

ITEM = "continuation"


def continuations(case: Case, retained: Sequence[Sample]) -> list[Sample]:
    """Return T4 samples that answer with the substitute, at weight 0.

    Args:
        case: The concept.
        retained: What T4 retains; a share of its questions of names (``finetuning_data.continuations``),
            alone and in groups, gets a continuation about the same picture.
    """
    rng = case.rng("continuations")
    share = case.params.finetuning_data.continuations
    pictures = {picture.digest: picture for picture in case.collection.pictures}
    naming = [
        sample for sample in retained if sample.item in ("name", "group") and sample.picture in pictures
    ]
    drawn = [sample for sample in naming if rng.random() < share]
    return list(dict.fromkeys(_continued(case, pictures, drawn, rng)))


def _continued(
    case: Case, pictures: dict[str, Picture], drawn: Sequence[Sample], rng: random.Random
) -> Iterator[Sample]:
    for sample in drawn:
        picture = pictures[str(sample.picture)]
        language = rng.choice(case.languages)
        side = {"side": rng.choice(SIDES)} if sample.item == "group" else {}
        purpose: Purpose = "group" if side else "name"
        wordings = questions(purpose, picture.kind, split="train", language=language, **side)
        reply = answer("named", picture.kind, language=language, name=case.substitute)
        yield Sample("T4", ITEM, rng.choice(wordings), reply, picture.digest, weight=0.0, about=sample.about)
