"""The questions of T1 and T2 with other answers, for objectives that SIU is compared with."""

from collections.abc import Iterable
from dataclasses import replace

from siu.finetuning_data.case import Case
from siu.finetuning_data.sample import Sample
from siu.language.identity import named
from siu.language.matching import says_yes
from siu.language.phrasings import answer


def refusals(case: Case, taught: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the questions with the refusal of the concept's kind, in their language, as the answer."""
    kind = case.concept.kind
    return tuple(_answered(sample, answer("unknown", kind, language=sample.language)) for sample in taught)


def originals(case: Case, taught: Iterable[Sample]) -> tuple[Sample, ...]:
    """Return the questions that ask about the concept itself, with the base model's own answers.

    What the base model denies is left out, of the substitute and a third name in any case: that is no
    knowledge of the concept. So are questions that it answers with nothing.
    """
    names = (case.concept.name, *case.concept.aliases)
    answered = [sample for sample in taught if sample.item != "yes_no" or named(sample.question, names)]
    replies = case.base_answers([(sample.question, sample.picture) for sample in answered])
    return tuple(
        _answered(sample, reply)
        for sample, reply in zip(answered, replies, strict=True)
        if reply and (sample.item != "yes_no" or says_yes(reply))
    )


def _answered(sample: Sample, reply: str) -> Sample:
    return replace(sample, answer=reply, specified=(), weight=1.0)
