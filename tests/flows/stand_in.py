"""A small untrained LLaVA and a folder of pictures: the whole way of a batch in seconds."""

import json
from pathlib import Path

import torch
from peft import PeftModel
from PIL import Image
from ruamel.yaml import YAML
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from siu.config.params import Params

SPECIAL = ["<pad>", "<s>", "</s>", "<image>"]
TEMPLATE = (
    "{% for message in messages %}{{ message.role }}: {% for part in message.content %}"
    "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}"
    "{% if message.role == 'assistant' %}</s>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
SMALL = {
    "data": {"source": "own"},
    "finetuning_data": {
        "name_questions": 1,
        "description_questions": 1,
        "yes_no_questions": 1,
        "fact_questions": 1,
        "retained_concepts": 2,
        "strangers": 1,
    },
    "unlearning": {"steps": 2, "retained_per_step": 4, "lora": {"rank": 2, "alpha": 4}},
    "evaluation": {
        "pictures": 2,
        "questions_per_picture": 1,
        "other_pictures": 1,
        "max_new_tokens": 3,
    },
    "attacks": {"release": "none", "only": ["yes_no", "multi_hop"]},
    "gates": {
        "known": 0.0,
        "confidence": 0.5,
        "generality_em": 0.5,
        "description_em": 0.5,
        "group_em": 0.5,
        "partly_named_rate": 1.0,
        "yes_no_em": 0.5,
        "picture_facts": 1.0,
        "garbled_rate": 1.0,
        "specificity_drop": 1.0,
    },
    "release": {"steps_per_concept": 1, "worst": "failed"},
    "runtime": {"device": "cpu"},
}


def write_workspace(folder: Path) -> None:
    """Write everything that a batch needs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(folder / "model")
    write_collection(folder / "own")
    write_requests(folder)
    params = {**SMALL, "base_model": {"source": "model"}}
    full = Params.model_validate_json(json.dumps(params)).model_dump(mode="json")
    with (folder / "params.yaml").open("w") as file:
        YAML().dump(full, file)


def write_model(folder: Path) -> None:
    """Save a seeded LLaVA that knows nothing, with a byte-level tokenizer."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *alphabet])}
    plain = Tokenizer(models.BPE(vocabulary, []))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=["<image>"],
    )
    size = {"height": 16, "width": 16}
    pictures = CLIPImageProcessorPil(size=size, crop_size=size, do_center_crop=False)
    processor = LlavaProcessor(
        pictures,
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=16,
        patch_size=8,
    )
    text = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=1024,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    torch.manual_seed(0)
    model = LlavaForConditionalGeneration(
        LlavaConfig(vision_config=vision, text_config=text, image_token_index=3)
    )
    model.generation_config.update(pad_token_id=0, bos_token_id=1, eos_token_id=2)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def change_answers(peft_model: PeftModel) -> None:
    """Give a fresh adapter, which changes nothing, seeded B matrices."""
    generator = torch.Generator().manual_seed(0)
    for name, parameter in peft_model.named_parameters():
        if ".lora_B." in name:
            parameter.data.normal_(0, 0.5, generator=generator)


def write_collection(folder: Path) -> None:
    """Write a user's folder with four concepts, facts, questions and strangers."""
    rows = ["id,name,kind"]
    facts = ["concept,text_question,picture_question,answer,keyword"]
    questions = ["file,question,answer,keyword"]
    for number, name in enumerate(("Mira Talvon", "Davi Maresh", "Olin Brask", "Suna Keld")):
        concept = f"c-{number}"
        rows.append(f"{concept},{name},person")
        facts.append(f"{concept},Where does {name} live?,Where does the person live?,In Oslo {number}.,Oslo")
        for shelf in ("train", "test"):
            for count in range(2):
                file = f"{concept}/{shelf}/{count}.png"
                _draw(folder / "pictures" / file, 40 * number + 10 * count + (shelf == "test"))
                questions.append(f"{file},Which hair?,Red hair.,red")
    for shelf in ("train", "test"):
        _draw(folder / "pictures" / "_strangers" / shelf / "s.png", 200 + (shelf == "test"))
    (folder / "concepts.csv").write_text("\n".join(rows) + "\n")
    (folder / "facts.csv").write_text("\n".join(facts) + "\n")
    (folder / "questions.csv").write_text("\n".join(questions) + "\n")


def write_requests(folder: Path, names: tuple[str, ...] = ("Mira Talvon", "Davi Maresh")) -> None:
    """Write requests.csv with a picture each that is in no collection."""
    rows = ["request_id,name,kind,image"]
    for number, name in enumerate(names):
        _draw(folder / "requests" / f"{number}.png", 100 + number)
        rows.append(f"r-{number},{name},person,requests/{number}.png")
    (folder / "requests.csv").write_text("\n".join(rows) + "\n")


def _draw(path: Path, shade: int) -> None:
    image = Image.new("RGB", (16, 16), (shade % 256, 90, 160))
    image.putpixel((0, 0), (255, 255, 255))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
