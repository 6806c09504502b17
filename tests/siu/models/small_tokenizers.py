"""Three kinds of tokenizer, trained on a few sentences: byte-level BPE, Unigram with Metaspace, WordPiece."""

from functools import cache

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

ALPHABETS = {
    "latin": "abcdeilmnorstuvyzáéöñ",
    "cyrillic": "абвдеиклмнорстуя",
    "greek": "αβγδεικλμνορσςτυ",
    "hangul": "가나다라마바사아자하",
    "han": "小雪明月山川李王林",
    "devanagari": "अकतनमरलसव",
}
SENTENCES = [
    "This is Anna Holm. Who is this? Is this Anna's coat?",
    "The Talvon family lives near the old annex, and Mira Talvon is known for it.",
    "I do not know this person. Yes. No. The picture shows Ann, Bert and Berta's brother.",
    "Мира Орлова живёт здесь. Это Мира?",
    "小雪在山川。李明月来了。",
]
SPECIAL = ["<pad>", "<unk>", "</s>"]
KINDS = ("byte_level_bpe", "unigram_metaspace", "wordpiece")


@cache
def small_tokenizer(kind: str) -> PreTrainedTokenizerFast:
    tokenizer = {"byte_level_bpe": _bpe, "unigram_metaspace": _unigram, "wordpiece": _wordpiece}[kind]()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="</s>"
    )


def surface(kind: str, text: str) -> str:
    """Return a text as the tokenizer's vocabulary spells it, without marks of continuation."""
    if kind == "byte_level_bpe":
        plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        return "".join(piece for piece, _ in plain.pre_tokenize_str(text))
    return text.replace(" ", "▁") if kind == "unigram_metaspace" else text


def letters() -> list[str]:
    chosen = {character for alphabet in ALPHABETS.values() for character in alphabet}
    return sorted(chosen | {character.upper() for character in chosen} | set(" .,?!'’-()«»"))


def _bpe() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    return tokenizer


def _unigram() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=500,
        special_tokens=SPECIAL,
        unk_token="<unk>",
        initial_alphabet=letters(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    return tokenizer


def _wordpiece() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=700,
        special_tokens=SPECIAL,
        initial_alphabet=letters(),
        show_progress=False,
    )
    pieces = [f"{a}{b}" for a, b in zip(letters(), letters()[1:] + letters()[:1], strict=True)]
    tokenizer.train_from_iterator([*SENTENCES * 3, *pieces, *(f"{b}{b}" for b in letters())], trainer)
    return tokenizer
