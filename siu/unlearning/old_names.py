"""What an attacker would teach: the old name in answer to the questions about the one picture."""

from collections import defaultdict
from pathlib import Path

from siu.finetuning_data import FinetuningData
from siu.models import EncodedTurn, Turn, TurnEncoder


def old_name_turns(
    encoder: TurnEncoder, data: FinetuningData, paths: dict[str, Path]
) -> list[list[EncodedTurn]]:
    """Return per picture of a concept its T1 questions of name, answered with the old name.

    Args:
        encoder: Encodes the turns.
        data: Fine-tuning data of the concept.
        paths: Picture file by digest.
    """
    by_picture: dict[str, list[EncodedTurn]] = defaultdict(list)
    for sample in data.samples:
        if sample.target == "T1" and sample.item == "name" and sample.picture:
            reply = sample.answer.replace(data.substitute, data.names[0])
            turn = encoder.encode(Turn(sample.question, reply, paths[sample.picture]))
            by_picture[sample.picture].append(turn)
    return list(by_picture.values())
