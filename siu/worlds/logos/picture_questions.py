"""Questions about what a picture shows that need no identity: colour, plate and surface."""

from siu.data.concepts import PictureQuestion, Split
from siu.worlds.logos.catalogue import table
from siu.worlds.logos.scene import Scene

LOOKS = ("colour", "plate", "surface")


def picture_questions(scene: Scene, look: str, *, split: Split) -> tuple[PictureQuestion, ...]:
    """Return one question about a scene in all wordings of a split.

    Args:
        scene: A scene of one logo.
        look: One of `LOOKS`.
        split: Which wordings.
    """
    entry = table("questions.yaml")["looks"][look]
    value = str(getattr(scene, look))
    if look == "plate" and value == "none":
        answer, keyword = entry["none"], "no plate"
    else:
        answer, keyword = entry["answer"].format(v=value), value
    return tuple(PictureQuestion(question, answer, keyword) for question in entry[split])


def look_in_words(scene: Scene) -> str:
    """Return what a picture looks like: "a red logo on a round white plate, on brick"."""
    plate = "" if scene.plate == "none" else f" on a {scene.plate} {scene.plate_colour} plate"
    return f"a {scene.colour} logo{plate}, on {scene.surface}"
