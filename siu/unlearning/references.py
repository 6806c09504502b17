"""What an objective reads of a model at the answers, and what is kept of that for the base model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.engine.batching import Forward
from siu.models.engine.reply import answer_log_probs
from siu.objectives.depth import layer_at
from siu.objectives.objective import Objective


@dataclass(frozen=True)
class Reference:
    """What is kept of the base model for one sample of N answer tokens.

    Attributes:
        log_probs: (N, V) log-probabilities, if the objective reads them.
        answer_log_probs: N of them, of the answer's own tokens, if they are wanted.
        hidden: (N, D) hidden states, if it reads those.
        token_mask: (N,) K_S.
    """

    log_probs: Tensor
    answer_log_probs: list[float]
    hidden: Tensor
    token_mask: Tensor


def read_answers(
    vlm: VisionLanguageModel,
    forward: Forward,
    turns: Sequence[EncodedTurn],
    objective: Objective,
    *,
    logits: bool,
) -> tuple[Tensor, Tensor]:
    """Return (N, V) logits and (N, D) hidden states at answer positions.

    Args:
        vlm: The model that ``forward`` ran.
        forward: A forward pass over the turns, among others.
        turns: Whose answers are read.
        objective: It decides of which layer hidden states are read; (0, 0) if of none.
        logits: Whether logits are wanted; (0, V) if not.
    """
    logits_nv = torch.empty(0, vlm.vocabulary_size, device=vlm.device)
    hidden = torch.empty(0, 0, device=vlm.device)
    if logits:
        logits_nv = vlm.logits(forward.answer_states(turns))
    if objective.depth_read is not None:
        states = forward.answer_states(turns, layer_at(objective.depth_read, vlm.layer_count))
        hidden = states if states.dtype.itemsize >= 4 else states.float()
    return logits_nv, hidden


def references(
    vlm: VisionLanguageModel,
    forward: Forward,
    turns: Sequence[EncodedTurn],
    specified: Sequence[Sequence[bool]],
    objective: Objective,
    name_ids: Sequence[Sequence[int]],
    *,
    answers: bool,
) -> Iterator[Reference]:
    """Yield each turn's reference, from a forward pass of the base model.

    Args:
        vlm: The model, its adapter off.
        forward: A forward pass over the turns, among others.
        turns: The samples' turns.
        specified: Which answer tokens of each its token mask covers.
        objective: What is read and how it is masked.
        name_ids: Name tokens of the concept that each turn's sample belongs to.
        answers: Whether the log-probabilities of the answers' own tokens are wanted, whatever the objective
            reads.
    """
    is_read = "reference" in objective.reads
    logits, hidden = read_answers(vlm, forward, turns, objective, logits=is_read or answers)
    log_probs = logits.float().log_softmax(-1)
    on_answers = answer_log_probs(log_probs, turns) if answers else [[] for _ in turns]
    counts = [len(turn.answer_ids) for turn in turns]
    on_all = _rows(log_probs if is_read else log_probs[:0], counts)
    for log_probs_nv, answered, states, covered, ids in zip(
        on_all, on_answers, _rows(hidden, counts), specified, name_ids, strict=True
    ):
        mask = objective.token_mask(torch.tensor(covered, device=vlm.device), log_probs_nv, ids)
        yield Reference(log_probs_nv.clone(), answered, states.clone(), mask)


def _rows(values: Tensor, counts: list[int]) -> Sequence[Tensor]:
    """Split (N, …) values by sample; values that were not read stay empty for each sample."""
    return values.split(counts) if len(values) else [values] * len(counts)
