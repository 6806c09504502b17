"""An own folder that spells names otherwise than the base model does, from folder to adapter."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.orchestration.schedulers import Plain
from siu.data.collection import Collection, load_collection
from siu.storage.workspace import Workspace
from siu.worlds.drawn import draw_collection
from tasks.runtime.workers import Inline

SPELLINGS = {"Davi Maresh": "Daví Márèsh", "Fenny Wump": "Fenny-Wump", "Mira Talvon": "Talvon, Mira"}
OTHERS = 5
PARAMS = """\
data: {source: ../folder}
finetuning_data: {languages: [en], views: 1, retained_concepts: 4, strangers: 0, fact_questions: 1}
unlearning: {steps: 1, retained_per_step: 4}
evaluation: {pictures: 4, other_pictures: 1, held_out_pictures: 1}
runtime: {device: cpu, workers: 1}
"""


def write_folder(folder: Path, collection: Collection) -> None:
    """Write a collection as a user's own folder, with other spellings of the three names."""
    (folder / "pictures").mkdir(parents=True)
    with (folder / "concepts.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "name", "kind"))
        for concept in collection.concepts:
            table.writerow((concept.id, SPELLINGS.get(concept.name, concept.name), concept.kind))
    for concept in collection.concepts:
        for split in ("train", "test"):
            place = folder / "pictures" / concept.id / split
            place.mkdir(parents=True)
            for number, picture in enumerate(collection.pictures_of(concept.id, split=split)):
                shutil.copy(collection.path(picture), place / f"{number}.png")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("spellings")
    draw_collection(root / "drawn", seed=0, test_pictures=4, test_groups=0)
    collection = load_collection(root / "drawn")
    few = [concept for concept in collection.concepts if concept.name in SPELLINGS]
    few += [concept for concept in collection.concepts if concept not in few][:OTHERS]
    collection = replace(collection, concepts=tuple(few))
    write_folder(root / "folder", collection)
    workspace = root / "workspace"
    (workspace / "given").mkdir(parents=True)
    (workspace / "params.yaml").write_text(PARAMS)
    rows = ["request_id,name,kind,image"]
    for number, concept in enumerate(collection.concepts):
        if concept.name in SPELLINGS:
            picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
            shutil.copy(picture, workspace / "given" / f"{number}.png")
            rows.append(f'r{number},"{SPELLINGS[concept.name]}",{concept.kind},given/{number}.png')
    (workspace / "requests.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Workspace(workspace)


def test_what_the_model_knows_in_another_spelling_is_known_and_is_unlearned(workspace: Workspace) -> None:
    result = run_batch(workspace, Plain(1), until="unlearn", runner=Inline())
    assert [outcome.error for outcome in result.outcomes] == [None] * 3
    assert [outcome.knowledge.state(0.5) for outcome in result.outcomes] == ["known"] * 3
    assert all("unlearn" in outcome.outputs for outcome in result.outcomes)
