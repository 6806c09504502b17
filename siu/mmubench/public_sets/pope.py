"""POPE (Li et al. 2023, arXiv 2305.10355): are objects seen that are not there?"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from siu.errors import InputError
from siu.mmubench.public_sets.item import SHORT, Item, PublicSet, Result, find_picture


def read_pope(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield ``coco_pope_{adversarial,popular,random}.json``, one JSON object a line.

    Raises:
        InputError: ``E-PUB-001`` none of the files is there.
    """
    files = sorted(folder.glob("coco_pope_*.json"))
    if not files:
        raise InputError(
            "E-PUB-001", "there is no coco_pope_*.json", "Put the set's published files here", str(folder)
        )
    for path in files:
        category = path.stem.removeprefix("coco_pope_")
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            picture = find_picture(folder, entry["image"])
            key = f"{category}-{entry['question_id']}"
            yield Item(key, picture, f"{entry['text']}\n{SHORT}", (entry["label"],), category, entry["text"])


def says_yes(answer: str) -> bool:
    """Return POPE's reading: yes unless the first sentence holds the word no or not."""
    words = answer.split(".")[0].replace(",", "").split()
    return not {"No", "no", "not"} & set(words)


def f1(items: Sequence[Item], answers: Sequence[str]) -> Result:
    """Return F1 of "yes", averaged over the categories, as LLaVA-1.5 reports it (arXiv 2310.03744)."""
    values = []
    for category in dict.fromkeys(item.group for item in items):
        pairs = [
            (item.answers[0] == "yes", says_yes(answer))
            for item, answer in zip(items, answers, strict=True)
            if item.group == category
        ]
        hits = sum(label and predicted for label, predicted in pairs)
        wrong = sum(label is not predicted for label, predicted in pairs)
        values.append(2 * hits / (2 * hits + wrong) if hits else 0.0)
    return Result(sum(values) / len(values), len(items))


POPE = PublicSet("pope", read_pope, f1)
