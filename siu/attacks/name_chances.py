"""How likely an answer names the concept, read from likelihoods: a lower bound."""

from collections.abc import Iterable, Sequence
from math import exp, fsum

from siu.attacks.case import Case
from siu.attacks.prompts import WORDS, prompts
from siu.attacks.scene import Ask, Scene
from siu.language.phrasings import answer
from siu.models import EncodedTurn, Turn, token_log_probs


def name_chances(scene: Scene, asks: Sequence[Ask]) -> list[float]:
    """Return for each question a lower bound of the chance that a sampled answer names its case.

    The chances of some beginnings are summed up, each of them a name in a common phrasing with the token that
    ends it ("This is Mira Talvon." and "This is Mira Talvon,"). None of them is the beginning of another, so
    they exclude each other; what else names the concept comes on top.

    Args:
        scene: The model state.
        asks: Questions about pictures.
    """
    begun = [_beginnings(scene, ask) for ask in asks]
    turns = [turn for some in begun for turn in some]
    scores = iter(token_log_probs(scene.vlm, turns, batch_size=scene.batch_size))
    return [min(1.0, fsum(exp(fsum(next(scores))) for _ in some)) for some in begun]


def _beginnings(scene: Scene, ask: Ask) -> list[EncodedTurn]:
    """Return the question with each beginning of an answer that names the case."""
    turns: dict[tuple[int, ...], EncodedTurn] = {}
    for text, name in _named(scene.cases[ask.case]):
        turn = scene.encoder.encode(Turn(ask.question, text, ask.picture))
        ids = turn.answer_ids[: _length(turn, text.index(name) + len(name))]
        turns[ids] = EncodedTurn(turn.prompt_ids, ids, (), ask.picture)
    return [turns[ids] for ids in _shortest(turns)]


def _named(case: Case) -> list[tuple[str, str]]:
    """Return answers that name the case, each with the name that it holds."""
    kind = case.concept.kind
    look = f"a {WORDS[kind]['noun']}"
    starts = ("", *(f"{start} " for start in prompts("prefills", kind)))
    return [
        (text, name)
        for name in case.names
        for text in dict.fromkeys(
            (
                case.named_as(name),
                answer("described", kind, name=name, look=look),
                *(f"{start}{name}." for start in starts),
            )
        )
    ]


def _length(turn: EncodedTurn, end: int) -> int:
    """Return how many tokens reach beyond a place in the answer: the first one after it is the last."""
    behind = (number for number, (_, right) in enumerate(turn.spans) if right > end)
    return next(behind, len(turn.answer_ids) - 1) + 1


def _shortest(sequences: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the sequences that begin with none of the others."""
    shortest: list[tuple[int, ...]] = []
    for sequence in sorted(sequences, key=lambda ids: (len(ids), ids)):
        if not any(sequence[: len(short)] == short for short in shortest):
            shortest.append(sequence)
    return shortest
