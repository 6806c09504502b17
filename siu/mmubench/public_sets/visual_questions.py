"""Sets of visual questions that people answered: VQA-v2, VizWiz, TextVQA, GQA."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from siu.mmubench.public_sets.item import SHORT, Item, PublicSet, Result, find_picture, first_file, mean
from siu.mmubench.public_sets.vqa_accuracy import vqa_accuracy


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _item(key: object, picture: Path, question: str, answers: Sequence[str]) -> Item:
    return Item(str(key), picture, f"{question}\n{SHORT}", tuple(answers), question=question)


def read_vqa_v2(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield ``v2_OpenEnded_…_val2014_questions.json`` with ``v2_…_val2014_annotations.json``."""
    questions = _load(first_file(folder, "*val2014_questions.json", "*questions.json"))["questions"]
    annotations = _load(first_file(folder, "*val2014_annotations.json", "*annotations.json"))["annotations"]
    answers = {
        annotation["question_id"]: [a["answer"] for a in annotation["answers"]] for annotation in annotations
    }
    for question in questions:
        picture = find_picture(folder, f"COCO_val2014_{question['image_id']:012}.jpg")
        yield _item(question["question_id"], picture, question["question"], answers[question["question_id"]])


def read_vizwiz(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield ``val.json``; the answers of ``test.json`` are not public."""
    for number, entry in enumerate(_load(first_file(folder, "val.json", "**/val.json"))):
        answers = [a["answer"] for a in entry["answers"]]
        yield _item(number, find_picture(folder, entry["image"]), entry["question"], answers)


def read_textvqa(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield ``TextVQA_0.5.1_val.json``; without the OCR tokens that LLaVA's own prompt adds."""
    for entry in _load(first_file(folder, "TextVQA_*_val.json"))["data"]:
        picture = find_picture(folder, f"{entry['image_id']}.jpg")
        yield _item(entry["question_id"], picture, entry["question"], entry["answers"])


def read_gqa(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield ``testdev_balanced_questions.json``."""
    questions = _load(
        first_file(folder, "testdev_balanced_questions.json", "**/testdev_balanced_questions.json")
    )
    for key, question in questions.items():
        picture = find_picture(folder, f"{question['imageId']}.jpg")
        yield _item(key, picture, question["question"], [question["answer"]])


def agreement(items: Sequence[Item], answers: Sequence[str]) -> Result:
    """Return the mean VQA accuracy."""
    points = [vqa_accuracy(answer, item.answers) for item, answer in zip(items, answers, strict=True)]
    return mean(items, points)


def exact(items: Sequence[Item], answers: Sequence[str]) -> Result:
    """Return the share of answers that are the right one, but for case and a full stop (GQA)."""
    points = [
        float(answer.strip().rstrip(".").lower() == item.answers[0].lower())
        for item, answer in zip(items, answers, strict=True)
    ]
    return mean(items, points)


VQA_V2 = PublicSet("vqa-v2", read_vqa_v2, agreement)
VIZWIZ = PublicSet("vizwiz", read_vizwiz, agreement)
TEXTVQA = PublicSet("textvqa", read_textvqa, agreement)
GQA = PublicSet("gqa", read_gqa, exact)
