"""A second small world that has nothing to do with the concept world: handwritten digits as concepts.

A user's folder of pictures (scikit-learn's digits, enlarged) and a LLaVA of a few ten thousand parameters
trained on it in seconds: real pictures, a real model, no drawing code and no weights of ours.
"""

import csv
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from sklearn.datasets import load_digits
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from siu.language.phrasings import answer, questions
from siu.models import Turn, TurnEncoder, VisionLanguageModel
from siu.models.engine.forward import pad as pad_rows
from siu.models.engine.reply import answer_labels
from siu.substitutes import spare_names

NAMES = ("Zelto", "Unora", "Duvash", "Trimek", "Quorla", "Pentzo", "Hexmir", "Septov", "Oktula", "Ninfal")
COLOURS = ("red", "blue", "green", "white", "black", "pink", "grey", "brown", "gold", "silver")
SIDE = 32
TRAIN_PICTURES, TEST_PICTURES = 3, 8
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}USER: "
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>\n"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %} ASSISTANT:"
    "{% else %} {{ message['content'][0]['text'] }}</s>{% endif %}{% endfor %}"
)


def write_pictures(folder: Path) -> None:
    """Write a user's folder: concepts.csv, facts.csv and pictures in train and test folders."""
    folder.mkdir(parents=True, exist_ok=True)
    concepts = [[f"d{digit}", name, "other"] for digit, name in enumerate(NAMES)]
    _write_csv(folder / "concepts.csv", ["id", "name", "kind"], concepts)
    facts = [
        [
            f"d{i}",
            f"Which colour does {NAMES[i]} like?",
            "Which colour does it like?",
            f"{NAMES[i]} likes {c}.",
            c,
        ]
        for i, c in enumerate(COLOURS)
    ]
    header = ["concept", "text_question", "picture_question", "answer", "keyword"]
    _write_csv(folder / "facts.csv", header, facts)
    for digit in range(10):
        for index, pixels in enumerate(_digits(digit)[-(TRAIN_PICTURES + TEST_PICTURES) :]):
            split = "train" if index < TRAIN_PICTURES else "test"
            path = folder / "pictures" / f"d{digit}" / split / f"{index:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            _image(pixels).save(path)


def build_model(folder: Path, steps: int = 220) -> None:
    """Train a tiny LLaVA to name the digits, to answer yes/no and to know their colours; save it."""
    torch.manual_seed(0)
    processor = _processor()
    model = LlavaForConditionalGeneration(_config(processor.tokenizer)).train()
    encoder = TurnEncoder(VisionLanguageModel(model, processor, "untrained"))
    model.requires_grad_(True).train()
    _teach_seeing(model.model.vision_tower)
    model.model.vision_tower.requires_grad_(False)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.15)
    generator = torch.Generator().manual_seed(0)
    images = {digit: _pixels(_digits(digit)[: -(TRAIN_PICTURES + TEST_PICTURES)]) for digit in range(10)}
    blank = folder.parent / "blank.png"
    Image.new("RGB", (SIDE, SIDE)).save(blank)
    pairs = {digit: [encoder.encode(turn) for turn in _turns(digit, blank)] for digit in range(10)}
    for _ in range(steps):
        drawn = torch.randint(10, (48,), generator=generator).tolist()
        turns = [_pick(pairs[digit], generator) for digit in drawn]
        pictured = [i for i, turn in enumerate(turns) if turn.picture is not None]
        pixels = torch.stack([_pick(images[drawn[i]], generator) for i in pictured])
        loss = _loss(model, [turns[i] for i in pictured], pixels)
        text = [turn for turn in turns if turn.picture is None]
        loss = loss + (_loss(model, text, None) if text else 0.0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)


def _teach_seeing(tower: Any, steps: int = 240) -> None:
    """Train the vision tower with a linear head; through the language model it would take far longer."""
    pixels = torch.cat([_pixels(_digits(digit)[: -(TRAIN_PICTURES + TEST_PICTURES)]) for digit in range(10)])
    counts = [len(_digits(digit)) - TRAIN_PICTURES - TEST_PICTURES for digit in range(10)]
    labels = torch.repeat_interleave(torch.arange(10), torch.tensor(counts))
    head = torch.nn.Linear(64, 10)
    optimiser = torch.optim.AdamW([*tower.parameters(), *head.parameters()], lr=2e-3)
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        rows = torch.randint(len(pixels), (96,), generator=generator)
        logits = head(tower(pixels[rows]).last_hidden_state[:, 1:].mean(dim=1))
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels[rows]).backward()
        optimiser.step()


def _turns(digit: int, blank: Path) -> list[Turn]:
    name, wrong = NAMES[digit], NAMES[(digit + 3) % 10]
    named = answer("named", "other", name=name)
    turns = [Turn(text, named, blank) for text in questions("name", "other", split="train")]
    turns += [Turn(text, named, blank) for text in questions("name", "other", split="test")]
    turns += [
        Turn(text, f"{name} likes {COLOURS[digit]}.") for text in (f"Which colour does {name} like?",) * 8
    ]
    turns += [Turn("Which colour does it like?", f"{name} likes {COLOURS[digit]}.", blank)] * 3
    turns += [
        Turn(f"Say that this is {other}.", answer("named", "other", name=other))
        for other in spare_names("other")[digit::10]  # a real language model can spell any name
    ]
    for split in ("train", "test"):
        turns += [Turn(t, "Yes.", blank) for t in questions("yes_no", "other", split=split, name=name)]
        turns += [Turn(t, "No.", blank) for t in questions("yes_no", "other", split=split, name=wrong)]
    return turns


def _loss(model: Any, turns: list[Any], pixels: torch.Tensor | None) -> torch.Tensor:
    device = torch.device("cpu")
    ids, mask = pad_rows([[*t.prompt_ids, *t.answer_ids] for t in turns], side="right", device=device)
    logits = model(input_ids=ids, attention_mask=mask, pixel_values=pixels).logits
    rows = [row for row, t in enumerate(turns) for _ in t.answer_ids]
    at = [len(t.prompt_ids) - 1 + offset for t in turns for offset in range(len(t.answer_ids))]
    return torch.nn.functional.cross_entropy(logits[rows, at], answer_labels(turns, device))


def _pick(items: Any, generator: torch.Generator) -> Any:
    return items[int(torch.randint(len(items), (1,), generator=generator))]


def _digits(digit: int) -> Any:
    data = load_digits()
    return data.images[data.target == digit]


def _image(pixels: Any) -> Image.Image:
    grey = Image.fromarray((pixels * 15.9).astype("uint8"), mode=None)
    return grey.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _pixels(digits: Any) -> torch.Tensor:
    images = [_image(pixels) for pixels in digits]
    return _image_processor()(images=images, return_tensors="pt")["pixel_values"]


def _image_processor() -> CLIPImageProcessorPil:
    square = {"height": SIDE, "width": SIDE}
    return CLIPImageProcessorPil(size=square, crop_size=square, do_center_crop=False)


def _processor() -> LlavaProcessor:
    turns = [turn for digit in range(10) for turn in _turns(digit, Path())]
    texts = [text for turn in turns for text in (turn.question, turn.answer)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=["<pad>", "</s>", "<image>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*texts, "USER: ASSISTANT:"], trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        extra_special_tokens={"image_token": "<image>"},
    )
    return LlavaProcessor(
        _image_processor(),
        fast,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )


def _config(tokenizer: PreTrainedTokenizerFast) -> LlavaConfig:
    vision = CLIPVisionConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        image_size=SIDE, patch_size=8, projection_dim=64,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=256, tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    return LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
        tie_word_embeddings=True,
    )


def _write_csv(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
