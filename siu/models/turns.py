"""One question and its answer as token ids, with the answer's character offsets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from siu.errors import ModelError
from siu.models.vision_language_model import VisionLanguageModel


@dataclass(frozen=True)
class Turn:
    """One question with or without a picture, and an answer.

    Attributes:
        question: What the user asks.
        answer: What the assistant says; empty where it is to be generated.
        picture: The picture file shown, if any.
    """

    question: str
    answer: str = ""
    picture: Path | None = None


@dataclass(frozen=True)
class EncodedTurn:
    """A turn as token ids.

    Attributes:
        prompt_ids: System, picture and question tokens up to where the answer begins; image tokens expanded.
        answer_ids: The answer's tokens and the end of turn; empty if the turn has no answer.
        spans: Character range in the answer of each answer token; the end of turn has an empty range.
        picture: The picture file shown, if any.
    """

    prompt_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    picture: Path | None

    def __len__(self) -> int:
        return len(self.prompt_ids) + len(self.answer_ids)


class TurnEncoder:
    """Encodes turns with a model's own chat template; what differs in the picture's content alone once.

    The answer is tokenised by itself, after the prompt, as it is when the model generates it.

    Args:
        vlm: The model whose processor is used.
    """

    def __init__(self, vlm: VisionLanguageModel) -> None:
        self._processor = vlm.processor
        self._tokenizer = vlm.tokenizer
        self._features = vlm.features
        self._ends = vlm.special_token_ids
        self._kept = vlm.encodings

    def encode(self, turn: Turn) -> EncodedTurn:
        """Encode one turn.

        Raises:
            ModelError: The chat template does not put the answer after the generation prompt.
        """
        size = None if turn.picture is None else self._features.size(turn.picture)
        text, prompt_ids = self._prompt(turn, size)
        if not turn.answer:
            return EncodedTurn(prompt_ids, (), (), turn.picture)
        key = (turn.question, turn.answer, turn.picture is None)
        if key not in self._kept.answers:
            self._kept.answers[key] = self._answer(turn, text)
        answer_ids, spans = self._kept.answers[key]
        return EncodedTurn(prompt_ids, answer_ids, spans, turn.picture)

    def _answer(self, turn: Turn, prompt: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """Return the answer's token ids and their character ranges in it."""
        reply = self._reply(turn, prompt)
        start = reply.index(turn.answer)
        encoding = self._tokenizer(reply, add_special_tokens=False, return_offsets_mapping=True)
        answer_ids, spans = [], []
        for token_id, (left, right) in zip(encoding["input_ids"], encoding["offset_mapping"], strict=True):
            inside = left < start + len(turn.answer)
            answer_ids.append(token_id)
            spans.append((max(left - start, 0), max(right - start, 0)) if inside else (0, 0))
            if not inside and token_id in self._ends:
                break  # the end of turn; what a template appends after it is never generated
        return tuple(answer_ids), tuple(spans)

    def _prompt(self, turn: Turn, size: tuple[int, int] | None) -> tuple[str, tuple[int, ...]]:
        """Return the prompt as text and as token ids, for a picture of this width and height."""
        key = (turn.question, size)
        if key not in self._kept.prompts:
            text = self._processor.apply_chat_template(_messages(turn), add_generation_prompt=True)
            if size is None:
                ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
            else:
                blank = Image.new("RGB", size)
                ids = self._processor(images=[blank], text=[text], add_special_tokens=False)["input_ids"][0]
            self._kept.prompts[key] = (text, tuple(int(token_id) for token_id in ids))
        return self._kept.prompts[key]

    def _reply(self, turn: Turn, prompt: str) -> str:
        reply = {"role": "assistant", "content": [{"type": "text", "text": turn.answer}]}
        full: str = self._processor.apply_chat_template([*_messages(turn), reply])
        if not full.startswith(prompt) or turn.answer not in full[len(prompt) :]:
            raise ModelError(
                "E-MOD-010",
                "the chat template does not put the answer after the generation prompt",
                "Give the processor a chat template whose generation prompt is a prefix of the whole turn",
            )
        return full[len(prompt) :]


def _messages(turn: Turn) -> list[dict[str, Any]]:
    content: list[dict[str, str]] = [{"type": "text", "text": turn.question}]
    if turn.picture is not None:
        content.insert(0, {"type": "image"})
    return [{"role": "user", "content": content}]
