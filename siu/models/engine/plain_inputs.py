"""What a plain call of the model gets beside token ids and attention mask: pixels and token types."""

from collections.abc import Sequence

from torch import Tensor

from siu.models.engine.token_types import token_types
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


def plain_inputs(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], ids: Tensor, mask: Tensor, *, answered: bool
) -> dict[str, Tensor]:
    """Return the keyword inputs that go with a batch of padded rows.

    Args:
        vlm: The model.
        turns: The rows' turns, all with a picture or all without.
        ids: (B, L) token ids.
        mask: (B, L) attention mask.
        answered: Whether the rows end with the turns' answers; else they end where an answer begins.
    """
    lengths = [len(turn.answer_ids) if answered else 0 for turn in turns]
    types = token_types(vlm.architecture.token_types, ids, mask, lengths, vlm.image_token_id)
    pictures = [turn.picture for turn in turns if turn.picture is not None]
    return types | (vlm.features.pixel_inputs(pictures) if pictures else {})
