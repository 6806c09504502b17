"""What a benchmark is made of: a manifest for programs and a data card for people."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from siu.config.params import BenchParams
from siu.mmubench.builder.candidates import Drop
from siu.mmubench.builder.chosen import Chosen
from siu.storage.digest import file_digest

MANIFEST = "manifest.json"
DATA_CARD = "README.md"
SCHEMA = 1


def write_manifest(
    folder: Path,
    chosen: Iterable[Chosen],
    drops: Iterable[Drop],
    base_digest: str,
    settings: BenchParams,
) -> None:
    """Write ``manifest.json``: every file with its digest, every choice and every drop with its reason."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    content = {
        "schema": SCHEMA,
        "base_model": base_digest,
        "settings": settings.model_dump(mode="json"),
        "concepts": [_concept(choice) for choice in chosen],
        "drops": [asdict(drop) for drop in drops],
        "files": {path.relative_to(folder).as_posix(): file_digest(path) for path in files},
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def write_data_card(
    folder: Path, chosen: Sequence[Chosen], drops: Sequence[Drop], base_digest: str, settings: BenchParams
) -> None:
    """Write ``README.md``: what the benchmark holds, how it was made and what it can't say."""
    rows = [_row(choice, settings) for choice in chosen]
    reasons = Counter(drop.reason for drop in drops)
    dropped = [f"* {reason}: {count}" for reason, count in sorted(reasons.items())] or ["* nothing"]
    text = _CARD.format(
        concepts=len(chosen),
        rows="\n".join(rows),
        dropped="\n".join(dropped),
        kinds=" | ".join(chosen[0].question_counts()),
        base=base_digest[:12],
        **settings.model_dump(),
    )
    (folder / DATA_CARD).write_text(text, encoding="utf-8")


def _concept(choice: Chosen) -> dict[str, object]:
    pictures = [
        {
            "file": f"pictures/{choice.concept.id}/{'test' if index else 'train'}/{index:04}.png",
            "source": candidate.source,
            "split": "test" if index else "train",
            "named": recognition.named,
            "confidence": round(recognition.confidence, 6),
        }
        for index, (candidate, recognition) in enumerate(
            zip(choice.pictures, choice.recognition, strict=True)
        )
    ]
    return {
        "id": choice.concept.id,
        "kind": choice.concept.kind,
        "questions": choice.question_counts(),
        "pictures": pictures,
    }


def _row(choice: Chosen, settings: BenchParams) -> str:
    tests, questions = len(choice.pictures) - 1, choice.question_counts()
    short = f" of {settings.test_pictures}" if tests < settings.test_pictures else ""
    numbers = " | ".join(str(count) for count in questions.values())
    concept, total = choice.concept, sum(questions.values())
    return f"| {concept.id} | {concept.kind} | {tests}{short} | {numbers} | {total} |"


_CARD = """\
# Data card

A benchmark of visual concepts in the manner of MMUBench (arXiv 2405.12523), built by `siu bench build`.
Set `data.source` in params.yaml to this folder; `requests.csv` asks to forget each concept.

{concepts} concept(s), one training picture each.

| concept | kind | test pictures | {kinds} | questions |
|---|---|---|---|---|---|---|---|---|
{rows}

## How it was made

* Pictures were decoded and saved anew without metadata. Of near-duplicates (at most {near_duplicate_bits}
  of 256 bits of the difference hash differ) one was kept, and none if they were filed under two concepts.
* The base model (digest `{base}`) had to name it in at least {recognised:.0%} of its answers.
* The training picture is the one whose name the base model is surest of. The paper takes a picture that
  shows the concept alone and central; nobody judged that here.
* Recognition questions are written by: {writer}.
* The right answers about looks are what the base model said, twice and consistently: they measure whether
  an answer is kept, not whether it is true.
* No test picture and no measured wording is trained on; the builder checks it.

## Dropped

{dropped}

Each with its reason in `manifest.json`.

## Before you pass it on

The pictures are yours: their rights and the consent of the people shown are not known to this program.
`manifest.json` quotes your file names.
"""
