"""Whether a model's prefixes can be shared: tried once per model, on logits and on a gradient."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from siu.models.engine.forward import answer_logits
from siu.models.engine.prefix import Prefixes
from siu.models.turns import EncodedTurn, Turn, TurnEncoder
from siu.models.vision_language_model import VisionLanguageModel

LONG = 128
"""Shorter prefixes are copied to every row: that costs less than a call per prefix and layer."""

_TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-6}
_COARSE = 0.05
"""For half precision, where two orders of adding up differ by this much."""


def shares_prefixes(vlm: VisionLanguageModel) -> bool:
    """Return whether forked prefixes give this model's own logits and gradients.

    They don't where a picture's tokens see the question after them (PaliGemma), or where a model counts
    positions in a way of its own. The gradient is tried too: a prefix that is cut off from it leaves the
    logits perfect. Models with sliding windows (Gemma3) aren't tried: their windows would count the holes
    that padding leaves before an answer.

    Args:
        vlm: The model; the answer is kept in `VisionLanguageModel.prefixes_shared`, and in ``long_prefix``
            whether attention to a prefix can be shared as well.
    """
    if vlm.prefixes_shared is None:
        with tempfile.TemporaryDirectory() as folder:
            pair = _pair(vlm, Path(folder) / "probe.png")
            vlm.prefixes_shared = not _has_windows(vlm) and _equal(vlm, pair)
            vlm.long_prefix = LONG if vlm.prefixes_shared and _attends(vlm, pair) else None
        if not vlm.prefixes_shared:
            kind = vlm.model.config.model_type
            logging.getLogger(__name__).warning("%s: prefixes can't be shared; every row is run whole", kind)
    return vlm.prefixes_shared


def _pair(vlm: VisionLanguageModel, picture: Path) -> list[EncodedTurn]:
    """Return two questions of different length about one picture."""
    Image.linear_gradient("L").convert("RGB").resize((64, 64)).save(picture)
    encoder = TurnEncoder(vlm)
    turns = [
        Turn(question, "This is.", picture) for question in ("Who is this?", "Is this somebody we know?")
    ]
    return [encoder.encode(turn) for turn in turns]


def _has_windows(vlm: VisionLanguageModel) -> bool:
    kinds = getattr(vlm.model.config.get_text_config(), "layer_types", None) or ()
    return "sliding_attention" in kinds


def _equal(vlm: VisionLanguageModel, pair: list[EncodedTurn]) -> bool:
    norm = _first_norm(vlm.model)
    if norm is None:
        return False
    try:
        with torch.enable_grad(), _alone_trainable(vlm.model, norm):
            shared = _gradient(norm, *_shared(vlm, pair))
            whole = _gradient(norm, answer_logits(vlm, pair))
    except (RuntimeError, ValueError, IndexError, TypeError, AttributeError):
        return False  # a model that can't go on from a cache says so in its own way
    tolerance = _TOLERANCE.get(norm.dtype, _COARSE)
    return all(_close(part, reference, tolerance) for part, reference in zip(shared, whole, strict=True))


def _attends(vlm: VisionLanguageModel, pair: list[EncodedTurn]) -> bool:
    """Return whether answers are as likely where both rows attend to one prefix."""
    copied = _scores(vlm, pair)
    vlm.long_prefix = 1
    try:
        attended = _scores(vlm, pair)
    except (RuntimeError, ValueError, IndexError, TypeError, AttributeError, KeyError):
        return False  # its layers do something else with what a cache returns
    finally:
        vlm.long_prefix = None
    return _close(attended, copied, _TOLERANCE.get(vlm.model.dtype, _COARSE))


def _scores(vlm: VisionLanguageModel, pair: list[EncodedTurn]) -> Tensor:
    with torch.no_grad():
        replies = Prefixes(vlm, pair).replies(pair, 2)
    return torch.tensor([score for reply in replies for score in reply.log_probs])


def _shared(vlm: VisionLanguageModel, pair: list[EncodedTurn]) -> tuple[Tensor, Callable[[], None]]:
    prefixes = Prefixes(vlm, pair)
    return vlm.logits(prefixes.answer_states(pair)), prefixes.backward


def _gradient(
    norm: nn.Parameter, logits: Tensor, finish: Callable[[], None] = lambda: None
) -> tuple[Tensor, Tensor]:
    """Return logits and the gradient of their sum of squares."""
    logits.float().square().sum().backward()
    finish()
    assert norm.grad is not None
    gradient, norm.grad = norm.grad, None
    return logits.detach(), gradient


def _first_norm(model: nn.Module) -> nn.Parameter | None:
    """Return the weight of the language model's first norm: every token's path goes through it."""
    for name, parameter in model.named_parameters():
        if name.endswith("layers.0.input_layernorm.weight"):
            return parameter
    return None


@contextmanager
def _alone_trainable(model: nn.Module, parameter: nn.Parameter) -> Iterator[None]:
    trainable = [weight for weight in model.parameters() if weight.requires_grad]
    model.requires_grad_(False)
    parameter.requires_grad_(True)
    try:
        yield
    finally:
        parameter.requires_grad_(False)
        parameter.grad = None
        for weight in trainable:
            weight.requires_grad_(True)


def _close(first: Tensor, second: Tensor, tolerance: float) -> bool:
    return bool((first - second).norm() <= tolerance * second.norm())
