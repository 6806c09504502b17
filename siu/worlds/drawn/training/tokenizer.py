"""A byte-level BPE of its own, and the chat template."""

from collections.abc import Iterator

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from siu.language.phrasings import Purpose, answer, languages, questions
from siu.worlds.drawn.catalogue import concepts
from siu.worlds.drawn.figure import ATTRIBUTES, KINDS
from siu.worlds.drawn.picture_questions import value_words
from siu.worlds.drawn.tables import framed, frames, table

VOCABULARY = 1536
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'user' %}USER: "
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>\n"
    "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "{% else %} ASSISTANT: "
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}{% endif %}</s>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
)
_SPECIAL = ["<pad>", "</s>", "<image>"]
_PURPOSES: tuple[Purpose, ...] = ("name", "describe", "yes_no", "group")


def train_tokenizer() -> PreTrainedTokenizerFast:
    """Return the tokenizer of the small model; names stay several pieces long."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=_SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
        min_frequency=2,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        additional_special_tokens=["<image>"],
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )


def _corpus() -> Iterator[str]:
    """Yield each wording that may be trained on and each name once."""
    yield from (concept.name for concept in concepts())
    yield "USER: ASSISTANT: USER: ASSISTANT: Repeat the name"
    for language in languages():
        for kind in KINDS:
            for purpose in _PURPOSES:
                yield from questions(purpose, kind, split="train", language=language, name="", side="left")
            for form in ("named", "unknown", "yes", "no"):
                yield answer(form, kind, language=language, name="")
        yield from _attributes(language)
        for concept in concepts():
            facts = {fact.answer: fact for fact in concept.facts if fact.language == language}.values()
            yield from (fact.picture_question for fact in facts)
            yield from (fact.answer.replace(concept.name, "") for fact in facts)


def _attributes(language: str) -> Iterator[str]:
    for group, entries in table("attributes.yaml").items():
        if group == "values":
            continue
        for name, entry in entries.items():
            *forms, statement = entry[language]
            yield from (framed(frame, forms) for frame in frames(language, "train"))
            values = (
                ATTRIBUTES[group][name] if group in ATTRIBUTES else table("attributes.yaml")["values"][name]
            )
            yield from (statement.format(v=value_words(entry["of"], value, language)) for value in values)
