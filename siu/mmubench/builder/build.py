"""`siu bench build`: from folders of pictures to a benchmark (MMUBench, arXiv 2405.12523, section 4)."""

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from siu.config.params import BenchParams, EvaluationParams
from siu.data.concepts import Concept, Wording, WordingPurpose
from siu.data.intake.collection_import import import_folder
from siu.errors import InputError
from siu.mmubench.builder.candidates import Candidate, Drop, clean, recognised, without_near_duplicates
from siu.mmubench.builder.chosen import Chosen
from siu.mmubench.builder.disjoint import check_disjoint
from siu.mmubench.builder.looks import Looks, ask_looks
from siu.mmubench.builder.manifest import write_data_card, write_manifest
from siu.mmubench.builder.recognition import Recognition
from siu.mmubench.builder.source import Source, read_source
from siu.mmubench.builder.tables import write_picture_tables, write_tables
from siu.mmubench.builder.wordings import measured_facts, recognition_wordings, shared_out
from siu.models import VisionLanguageModel
from siu.storage.durable import flush_tree

Writer = Callable[[Concept, dict[WordingPurpose, int]], tuple[Wording, ...]]
"""Returns questions about a concept, so many of each purpose at most."""
SHARED_FOLDERS = ("_strangers", "_groups")
"""Folders of pictures that are taken over as they are."""


@dataclass(frozen=True)
class Benchmark:
    """What was built.

    Attributes:
        chosen: The concepts that entered.
        drops: What did not, and why.
    """

    chosen: tuple[Chosen, ...]
    drops: tuple[Drop, ...]


def build_benchmark(
    source: Path,
    folder: Path,
    vlm: VisionLanguageModel,
    settings: BenchParams,
    params: EvaluationParams,
    *,
    writer: Writer | None = None,
    on_done: Callable[[int], None] = lambda count: None,
) -> Benchmark:
    """Build a benchmark that ``data.source`` can name.

    1. Decode and clean every picture; what can't be read is dropped.
    2. Drop near-duplicates, so that no test picture repeats the one that is trained on.
    3. Drop pictures that the base model doesn't name, and concepts with fewer than two left.
    4. Train on the picture whose name the model is surest of: the paper takes one that shows the concept
       alone and central, which nobody can judge here; certainty stands in for it.
    5. Write questions, tables, a manifest with digests and a data card.
    6. Read it as `siu prepare` does and check that nothing measured is trained on.

    Args:
        source: ``concepts.csv`` and ``pictures/<id>/``, and any other table of docs/how-to/own-data.md.
        folder: Where the benchmark goes; absent or empty. It appears as a whole or not at all.
        vlm: The base model.
        settings: How pictures and questions are chosen.
        params: Batch size and longest answer.
        writer: Writes recognition questions; templates fill up what it leaves, and do all without one.
        on_done: Called with the number of questions that the model answered in each batch.

    Raises:
        PreflightError: The source's tables have problems.
        InputError: ``E-BEN-001`` the place is taken; ``E-BEN-002`` no concept is left; ``E-BEN-003`` see
            `check_disjoint`.
    """
    _check_place(folder)
    tables = read_source(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    try:
        partial.mkdir()
        candidates, drops = _candidates(tables, partial / "work", settings.near_duplicate_bits)
        choosing = _Choosing(vlm, settings, params, writer, on_done)
        chosen: list[Chosen] = []
        for concept in tables.concepts:
            choice, dropped = choosing.of(
                concept, [candidate for candidate in candidates if candidate.concept == concept.id]
            )
            drops += dropped
            if choice:
                chosen.append(choice)
        if not chosen:
            what = "no concept is left: " + "; ".join(f"{drop.what}: {drop.detail}" for drop in drops[:5])
            raise InputError("E-BEN-002", what, "Add pictures that the base model knows", str(source))
        built = partial / "built"
        _write(tables, built, chosen)
        check_disjoint(import_folder(built, partial / "collection"), distance=settings.near_duplicate_bits)
        write_data_card(built, chosen, drops, vlm.digest, settings)
        write_manifest(built, chosen, drops, vlm.digest, settings)
        flush_tree(built)
        built.replace(folder)
        return Benchmark(tuple(chosen), tuple(drops))
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _check_place(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "E-BEN-001", "the place of the benchmark is taken", "Remove it, or name another one", str(folder)
        )


def _candidates(source: Source, work: Path, distance: int) -> tuple[list[Candidate], list[Drop]]:
    """Return all concepts' readable pictures, none twice, and the dropped ones."""
    cleaned = [clean(concept, source.pictures, work) for concept in source.concepts]
    single, repeated = without_near_duplicates(
        [candidate for candidates, _ in cleaned for candidate in candidates], distance
    )
    return single, [*(drop for _, drops in cleaned for drop in drops), *repeated]


@dataclass(frozen=True)
class _Choosing:
    """How a concept's pictures are chosen and its questions made; the fields are `build_benchmark`'s."""

    vlm: VisionLanguageModel
    settings: BenchParams
    params: EvaluationParams
    writer: Writer | None
    on_done: Callable[[int], None]

    def of(self, concept: Concept, candidates: list[Candidate]) -> tuple[Chosen | None, list[Drop]]:
        """Return a concept with its pictures and questions, None if too few are left, and the drops."""
        known, drops = self._recognised(concept, candidates)
        if len(known) < 2:
            detail = f"{len(known)} usable picture(s), not one to train on and one to test on"
            return None, [*drops, Drop(concept.id, "too few pictures", detail)]
        tests = self.settings.test_pictures
        first, *further = _surest_first(known)
        drops += [
            Drop(candidate.source, "surplus", f"there are {tests} test pictures already")
            for candidate, _ in further[tests:]
        ]
        pictures, recognition = zip(first, *further[:tests], strict=True)
        looks = self._looks(concept, [candidate.file for candidate in pictures])
        worded = _with_questions(concept, looks, self.settings, self.writer)
        return Chosen(worded, pictures, recognition, tuple(looks)), drops

    def _recognised(
        self, concept: Concept, candidates: list[Candidate]
    ) -> tuple[list[tuple[Candidate, Recognition]], list[Drop]]:
        if not candidates:
            return [], []
        return recognised(self.vlm, concept, candidates, self.settings, self.params, self.on_done)

    def _looks(self, concept: Concept, files: list[Path]) -> list[Looks]:
        limit = self.settings.looks_per_picture
        return ask_looks(self.vlm, concept, files, self.params, limit=limit, on_done=self.on_done)


def _surest_first(known: list[tuple[Candidate, Recognition]]) -> list[tuple[Candidate, Recognition]]:
    """Return the picture to train on, then the others by file name."""
    first = max(range(len(known)), key=lambda index: (known[index][1].confidence, -index))
    return [known[first], *known[:first], *known[first + 1 :]]


def _with_questions(
    concept: Concept, looks: list[Looks], settings: BenchParams, writer: Writer | None
) -> Concept:
    facts = measured_facts(concept)
    multi_hop = {fact.picture_question for fact in facts if fact.split == "test"}
    about_looks = {question.question for look in looks[1:] for question in look.measured}
    count = max(0, settings.questions - len(multi_hop) - len(about_looks))
    written = writer(concept, shared_out(count)) if writer else ()
    worded = replace(concept, wordings=(*concept.wordings, *written))
    return replace(concept, facts=facts, wordings=recognition_wordings(worded, count))


def _write(source: Source, built: Path, chosen: list[Chosen]) -> None:
    files: dict[str, tuple[str, Looks]] = {}
    for choice in chosen:
        for index, (candidate, looks) in enumerate(zip(choice.pictures, choice.looks, strict=True)):
            split = "test" if index else "train"
            name = f"{choice.concept.id}/{split}/{index:04}.png"
            (built / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
            candidate.file.replace(built / "pictures" / name)
            files[name] = (split, looks)
    for name in (*SHARED_FOLDERS, *(f"_look_alikes/{choice.concept.id}" for choice in chosen)):
        if (source.pictures / name).is_dir():
            shutil.copytree(source.pictures / name, built / "pictures" / name)
    concepts = [choice.concept for choice in chosen]
    write_tables(built, concepts)
    write_picture_tables(source, built, concepts, files)
