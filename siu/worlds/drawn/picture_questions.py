"""Questions about what a picture shows that need no identity: looks, background, counts."""

from siu.data.concepts import PictureQuestion, Split
from siu.language.phrasings import look_words
from siu.worlds.drawn.figure import ATTRIBUTES
from siu.worlds.drawn.scene import Scene
from siu.worlds.drawn.tables import framed, frames, table


def asked_about(scene: Scene) -> tuple[tuple[str, str], ...]:
    """Return the (group, attribute) pairs that can be asked about a scene of one figure."""
    kind = scene.figures[0].kind
    return (
        *((kind, name) for name in ATTRIBUTES[kind]),
        *(("scene", name) for name in table("attributes.yaml")["scene"]),
    )


def picture_questions(
    scene: Scene, group: str, attribute: str, *, split: Split, language: str = "en"
) -> tuple[PictureQuestion, ...]:
    """Return one question of a scene in all wordings of a split.

    Args:
        scene: A scene of one figure.
        group: The figure's kind, or ``scene`` for background, balls and kind.
        attribute: Which attribute is asked for.
        split: Which wordings.
        language: BCP 47 code.
    """
    entry = table("attributes.yaml")[group][attribute]
    *forms, statement = entry[language]
    words = value_words(entry["of"], _value(scene, group, attribute), language)
    answer = statement.format(v=words)
    return tuple(
        PictureQuestion(framed(frame, forms), answer, words.lower(), language)
        for frame in frames(language, split)
    )


def value_words(vocabulary: str, value: str, language: str) -> str:
    """Return a value of an attribute in words."""
    values = table("attributes.yaml")["values"]
    words = values[vocabulary][value] if vocabulary in values else look_words(vocabulary)[value]
    return str(words[language])


def _value(scene: Scene, group: str, attribute: str) -> str:
    if group != "scene":
        return scene.figures[0].looks[attribute]
    values = {"background": scene.background, "balls": str(scene.balls), "kind": scene.figures[0].kind}
    return values[attribute]
