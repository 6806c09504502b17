"""What to do now: a sentence per verdict, and one per gate that doesn't hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siu.attacks.observation import Finding
from siu.attacks.registry import attack_class
from siu.config.params import GateParams
from siu.report.metric_rows import described
from siu.report.worst_leak import limit_of
from siu.statistics.exact import trials_needed
from siu.verdict import Reading, Verdict

if TYPE_CHECKING:
    from siu.attacks.attack import Family  # imports torch

_BY_VERDICT = {
    "erased": "The release can be used. What was not tried may still bring it back:",
    "partial": "Do not rely on the release for this request yet: a trace is left.",
    "failed": "Do not use the release for this request: the name still comes out. Train for more steps "
    "(`unlearning.steps`, `release.steps_per_concept`), or let `siu batch --tune` search for them.",
    "damaged": "Do not use the release: it lost other things than were asked for.",
    "unclear": "A person has to decide: nothing is broken, and not everything is shown.",
    "not_known": "Nothing was trained, for there is nothing to forget. If one of the quoted answers is the "
    "concept by another name, add that name to the request's aliases and run `siu batch` again; "
    "if not, close the request with this page as evidence.",
    "quarantined": "Mend the row of requests.csv as the reason says and run `siu batch` again. "
    "Until then the model answers as before: nothing was trained for this request.",
}
_THOROUGH = "the attacks `siu attack --profile thorough` take longer and try more."
_UNCLEAR_KNOWLEDGE = (
    "The base model may know it by another name. If one of its answers is the concept, add that name to the "
    "request's aliases and run `siu batch` again; if none is, set `force` or close the request."
)
_DENIES = (
    "Weigh denials less (`finetuning_data.yes_no_weight`), or what others get more "
    "(`finetuning_data.retained_yes_no_weight`): it says No to names that are right."
)
_GROUPS = (
    "Put more group pictures into the collection, or make more composites (`finetuning_data.composites`): "
    "others are no longer told in company."
)
_FACTS = (
    "Retain more facts that pictures tell (`finetuning_data.retained_picture_facts`), or weigh denials of "
    "the concept's less (`finetuning_data.picture_fact_weight`): facts about others are lost with its own."
)
_BY_BROKEN_GATE = {
    "generality_em": "Train for more steps (`unlearning.steps`), or on more views of the picture "
    "(`finetuning_data.views`).",
    "description_em": "Train on more descriptions (`finetuning_data.description_questions`).",
    "group_em": "Train on more composites (`finetuning_data.composites`), or for more steps: it is still "
    "told among others.",
    "training_picture_em": "Train for more steps: not even the training picture is forgotten.",
    "partly_named_rate": "Read the quoted answer: if the part is a name of its own, add it to the aliases.",
    "yes_no_em": "Train on more yes/no questions (`finetuning_data.yes_no_questions`), or with more weight "
    "(`finetuning_data.yes_no_weight`).",
    "picture_facts": "Set `finetuning_data.picture_facts`, ask about more facts "
    "(`finetuning_data.fact_questions`), or weigh their denials more "
    "(`finetuning_data.picture_fact_weight`).",
    "garbled_rate": "Lower `unlearning.lr`: answers fall apart.",
    "garbled_pictures": "Lower `unlearning.lr`: answers about the concept fall apart.",
    "garbled_training_picture": "Lower `unlearning.lr`: answers about the training picture fall apart.",
    "specificity_names": "Retain more: `finetuning_data.retained_concepts`, `unlearning.retained_per_step` "
    "and retained pictures (`finetuning_data.retained_pictures`).",
    "held_out_names": "Retain more different concepts (`finetuning_data.retained_concepts`); where nothing "
    "else is broken, lower `unlearning.lr` or train for fewer steps.",
    "groups": _GROUPS,
    "held_out_groups": _GROUPS,
    "specificity_yes_no": _DENIES,
    "held_out_yes_no": _DENIES,
    "specificity_facts": _FACTS,
    "held_out_facts": _FACTS,
    "text_facts_kept": "Train on more of its facts as text (`finetuning_data.fact_questions`), or weigh "
    "them more (`finetuning_data.text_facts_weight`): where facts are few, denials outweigh them.",
}
_PICTURES = {
    "": "`evaluation.pictures`; the concept world draws `data.test_pictures`",
    "group_em": "group pictures with it; the concept world draws `data.test_groups`",
    "garbled_rate": "`evaluation.pictures`",
    "groups": "`evaluation.other_groups`",
    "specificity": "`evaluation.other_pictures` of each",
    "held_out": "`evaluation.held_out_pictures` of each",
}
"""What decides on how many pictures a metric is measured, by its name or what that begins with."""
_BY_FAMILY: "dict[Family, str]" = {
    "prompt": "comes back under other questions: train in more languages and wordings "
    "(`finetuning_data.languages`, `finetuning_data.name_questions`), or for more steps.",
    "likelihood": "shows in likelihoods: don't give out log-probabilities.",
    "picture": "comes back with a changed picture: train on more views (`finetuning_data.views`), or with "
    "`unlearning.objective: siu_robust`.",
    "weights": "comes back when the weights are changed: don't give them out, or train with "
    "`unlearning.objective: siu_robust`.",
    "inside": "shows inside the model: whoever has the weights can read it.",
}


def next_steps(
    verdict: Verdict | None, findings: Sequence[Finding], gates: GateParams, *, is_trained: bool
) -> tuple[str, ...]:
    """Return what to do next, the most urgent first, without names or answers.

    Args:
        verdict: The verdict that counts; None in quarantine.
        findings: What the attacks found on what the verdict is about.
        gates: Limits.
        is_trained: Whether anything was trained for the request.
    """
    if verdict is None:
        return (_BY_VERDICT["quarantined"],)
    if verdict.verdict == "unclear" and not is_trained:
        return (_UNCLEAR_KNOWLEDGE,)
    first = _BY_VERDICT[verdict.verdict]
    if verdict.verdict == "erased":
        return (f"{first} {_THOROUGH}",)
    if verdict.verdict == "failed":  # what else would be left can't be told as long as the name comes out
        return tuple(dict.fromkeys([first, *_of_broken(_damages(verdict.readings))]))
    steps = [first, *_of_gates(verdict.readings), *_of_attacks(findings, gates)]
    return tuple(dict.fromkeys(steps))


def _damages(readings: Sequence[Reading]) -> list[Reading]:
    return [reading for reading in readings if reading.gate.effect == "damage"]


def _of_broken(readings: Sequence[Reading]) -> list[str]:
    return [
        _BY_BROKEN_GATE.get(reading.gate.metric, f"{described(reading.gate.metric).label} is broken.")
        for reading in readings
        if reading.state == "broken"
    ]


def _of_gates(readings: Sequence[Reading]) -> list[str]:
    unmeasured = [
        f"{described(reading.gate.metric).label} was not measured: the collection has nothing for it."
        for reading in readings
        if reading.state == "unmeasured"
    ]
    return [*_of_broken(readings), *_more_pictures(readings), *unmeasured]


def _more_pictures(readings: Sequence[Reading]) -> list[str]:
    """Return a sentence for each sort of pictures on which a value holds and its bound doesn't."""
    unproven = [reading for reading in readings if reading.state == "unproven"]
    by_parameter: dict[str, list[Reading]] = {}
    for reading in unproven:
        metric = reading.gate.metric
        parameter = _PICTURES[max((start for start in _PICTURES if metric.startswith(start)), key=len)]
        by_parameter.setdefault(parameter, []).append(reading)
    return [_more(parameter, alike) for parameter, alike in by_parameter.items()]


def _more(parameter: str, readings: Sequence[Reading]) -> str:
    labels = ", ".join(described(reading.gate.metric).label for reading in readings)
    needed, units = max(map(_needed, readings)), max(reading.units for reading in readings)
    how_many = f"at least {needed} are needed" if needed > units else f"{units} are too few"
    return f"Measure “{labels}” on more pictures: {how_many} ({parameter})."


def _needed(reading: Reading) -> int:
    gate = reading.gate
    return trials_needed(gate.limit if gate.side == "at_least" else 1 - gate.limit, reading.confidence)


def _of_attacks(findings: Sequence[Finding], gates: GateParams) -> list[str]:
    families: dict[Family, list[str]] = {}
    for finding in findings:
        if finding.gated and finding.excess is not None and finding.excess > limit_of(finding, gates):
            kind = attack_class(finding.attack)
            families.setdefault(kind.family, []).append(kind.title)
    return [
        f"It {_BY_FAMILY[family]} (attack{'s' * (len(titles) > 1)}: {', '.join(titles)})"
        for family, titles in families.items()
    ]
