"""The drawn world as a collection: pictures with digests, roles and questions."""

import random
from pathlib import Path

from siu.data.collection import save_collection
from siu.data.concepts import Kind, PictureQuestion, Split
from siu.language.phrasings import languages
from siu.worlds.drawn.catalogue import concepts, figures, look_alike, stranger
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.figure import KINDS
from siu.worlds.drawn.picture_questions import asked_about, picture_questions
from siu.worlds.drawn.scene import Scene, random_scene
from siu.worlds.picture_writer import Depiction, PictureWriter

TRAIN_PICTURES = 4
LOOK_ALIKES = {"train": 8, "test": 2}
"""Look-alikes per concept."""
STRANGERS = {"train": 32, "test": 48}
GROUPS = {"train": 144, "test": 48}
"""Group pictures; of those to measure on, unless another number is wanted."""
_QUESTIONS = 4


def draw_collection(
    folder: Path, *, seed: int, test_pictures: int, test_groups: int = GROUPS["test"]
) -> None:
    """Draw all pictures and write a collection; equal arguments give equal bytes.

    Args:
        folder: Where it is written; made if missing.
        seed: Decides every picture.
        test_pictures: Unseen pictures per concept.
        test_groups: Group pictures to measure on; with more of them the first ones stay as they are.
    """
    writer = PictureWriter(
        folder, seed, Depiction("conceptworld", draw_scene, lambda scene: scene.figures[0].kind, _questions)
    )
    for concept in concepts():
        _draw_concept(writer, concept.id, concept.kind, test_pictures)
    for split, count in STRANGERS.items():
        for index in range(count):
            rng = writer.rng("stranger", split, index)
            kind = KINDS[index % len(KINDS)]
            writer.add(random_scene((stranger(kind, rng),), rng), "stranger", _split(split), rng)
    for split, count in (GROUPS | {"test": test_groups}).items():
        for index in range(count):
            _draw_group(writer, _split(split), index)
    save_collection(folder, concepts(), writer.pictures)


def _draw_concept(writer: PictureWriter[Scene], concept_id: str, kind: Kind, test_pictures: int) -> None:
    figure = figures()[concept_id]
    for split, count in (("train", TRAIN_PICTURES), ("test", test_pictures)):
        for index in range(count):
            rng = writer.rng(concept_id, split, index)
            writer.add(random_scene((figure,), rng), "concept", _split(split), rng, (concept_id,))
    for split, count in LOOK_ALIKES.items():
        for index in range(count):
            rng = writer.rng(concept_id, "look-alike", split, index)
            scene = random_scene((look_alike(concept_id, rng),), rng)
            writer.add(scene, "look_alike", _split(split), rng, resembles=concept_id)


def _draw_group(writer: PictureWriter[Scene], split: Split, index: int) -> None:
    """Draw two concepts of one kind; every concept comes on the left in turn."""
    rng = writer.rng("group", split, index)
    left = concepts()[index % len(concepts())]
    partners = [partner for partner in concepts() if partner.kind == left.kind and partner.id != left.id]
    right = rng.choice(partners)
    scene = random_scene((figures()[left.id], figures()[right.id]), rng)
    writer.add(scene, "group", split, rng, (left.id, right.id))


def _questions(scene: Scene, split: Split, rng: random.Random) -> tuple[PictureQuestion, ...]:
    """Return some questions about a scene; every third is in another language than English."""
    chosen = []
    for index, (group, attribute) in enumerate(rng.sample(asked_about(scene), _QUESTIONS)):
        language = "en" if index % 3 != 2 else rng.choice(languages()[1:])
        wordings = picture_questions(scene, group, attribute, split=split, language=language)
        chosen.append(rng.choice(wordings))
    return tuple(chosen)


def _split(text: str) -> Split:
    return "train" if text == "train" else "test"
