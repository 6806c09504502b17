"""UMU-Bench's questions and rule: each fact is asked through the picture and as text.

The rule is that of ``eval.py`` in ``QDRhhhh/UMU-bench`` (93b9900). Multiple choice: the answer is the right
option, letter by letter; for real people it counts as the option that it resembles most, whatever it says.
Cloze: the answer holds the published one up to its first full stop. AccF is the share of facts to be
forgotten that are wrong both ways, AccR that of retained ones that are right both ways. Generation: with a
and b the ROUGE-L through the picture and as text, RLF is the mean of (a²+b²)/(a+b), RLR that of 2ab/(a+b).
"""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

from siu.errors import InputError
from siu.mmubench.builder.importers.parquet import picture
from siu.mmubench.builder.importers.umu import UmuTask, forget_folders, umu_rows
from siu.mmubench.unlearning_sets.overlap import rouge_l
from siu.mmubench.unlearning_sets.question import Forget, Measured, Part, SetQuestion, mean, shelved

REAL = ("Real_Person_Set", "real_person")
"""The folder of real people: as the data set's page and as ``eval.py`` names it."""
CHOICE, CLOZE, GENERATION = "classify", "cloze", "generation"
_ASKS = {
    CHOICE: "Answer with one of these lines, and nothing else:",
    CLOZE: "Answer with what fills the blank, and nothing else.",
    GENERATION: "Answer in one sentence.",
}


def read_umu_questions(source: Path, work: Path) -> Iterator[SetQuestion]:
    """Yield the questions of the smallest ``forget_…`` configuration, of its ``retain_…``, of real people.

    Raises:
        InputError: ``E-BEN-004`` a configuration is missing; ``E-BEN-006`` a row has another form.
    """
    shares = forget_folders(source)
    if not shares:
        what = "there is no folder forget_5, forget_10 or forget_15"
        raise InputError("E-BEN-004", what, "Name the data set's own folder", str(source))
    share = min(shares)
    folders: list[tuple[Part, Path]] = [
        ("forget", shares[share]),
        ("retain", source / f"retain_{100 - share}"),
    ]
    folders += [("real", source / name) for name in REAL if (source / name).is_dir()]
    for part, folder in folders:
        for row, raw in umu_rows(folder):
            image = shelved(picture(raw["image"], raw["_folder"]), work, raw["_place"])
            for kind, task in ((CHOICE, row.classify), (CLOZE, row.cloze), (GENERATION, row.generation)):
                yield from _asked(part, kind, f"{part}/{row.key}", task, image)


def _asked(part: Part, kind: str, person: str, task: UmuTask, image: Path) -> Iterator[SetQuestion]:
    for key, pictured in task.picture.items():
        for wording, shown in ((pictured, image), (task.text[key], None)):
            options = tuple(text for _, text in sorted(wording.options.items()))
            prompt = "\n".join((wording.question, _ASKS[kind], *options))
            answer = wording.options[task.text[key].letter] if kind == CHOICE else wording.answer
            yield SetQuestion(part, kind, f"{person}/{key}", prompt, answer, shown, options)


def score_umu(questions: Sequence[SetQuestion], answers: Sequence[str], forget: Forget) -> list[Measured]:
    """Return AccF, AccR, RLF and RLR.

    With ``visual``, what the set wants gone both ways has to be gone through the picture and to stay as text;
    both are told apart. That is no number of the paper.
    """
    pairs: dict[tuple[Part, str], dict[str, list[float]]] = {}
    for question, answer in zip(questions, answers, strict=True):
        by_fact = pairs.setdefault((question.part, question.task), {})
        by_fact.setdefault(question.fact, []).append(_points(question, answer))
    results: list[Measured] = []
    for (part, task), by_fact in pairs.items():
        ways = [(pictured, text) for pictured, text in by_fact.values()]
        results += _generation(part, ways, forget) if task == GENERATION else _right(part, task, ways, forget)
    return results


def _points(question: SetQuestion, answer: str) -> float:
    """Return 1 for a right answer and 0 for a wrong one; for generation ROUGE-L."""
    given = answer.strip()
    if question.task == GENERATION:
        return rouge_l(question.answer, given)
    if question.task == CLOZE:
        return float(question.answer.split(".")[0].lower() in given.lower())
    return float((_nearest(given, question.options) if question.part == "real" else given) == question.answer)


def _nearest(answer: str, options: Sequence[str]) -> str:
    return max(options, key=lambda option: difflib.SequenceMatcher(None, answer, option).ratio())


def _right(part: Part, task: str, ways: list[tuple[float, float]], forget: Forget) -> list[Measured]:
    if part != "forget":
        people = " of real people" if part == "real" else ""
        return [mean(f"{task}: AccR{people} ↑", (pictured * text for pictured, text in ways))]
    if forget == "visual+text":
        return [mean(f"{task}: AccF ↑", ((1 - pictured) * (1 - text) for pictured, text in ways))]
    return [
        mean(f"{task}: wrong through the picture ↑", (1 - pictured for pictured, _ in ways)),
        mean(f"{task}: right as text ↑", (text for _, text in ways)),
    ]


def _generation(part: Part, ways: list[tuple[float, float]], forget: Forget) -> list[Measured]:
    if part != "forget":
        people = " of real people" if part == "real" else ""
        return [mean(f"generation: RLR{people} ↑", (_ratio(2 * a * b, a + b) for a, b in ways))]
    if forget == "visual+text":
        return [mean("generation: RLF ↓", (_ratio(a * a + b * b, a + b) for a, b in ways))]
    return [
        mean("generation: ROUGE-L through the picture ↓", (a for a, _ in ways)),
        mean("generation: ROUGE-L as text ↑", (b for _, b in ways)),
    ]


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0
