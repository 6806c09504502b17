"""How much of a published answer a model's answer repeats: ROUGE (Lin 2004) and BLEU (Papineni et al. 2002).

The sets' own code uses the package `rouge-score` with its stemmer and `nltk` with its word splitter. Here
words are not stemmed, and for BLEU split at anything but letters and digits; marks are words of their own.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

_ROUGE_WORD = re.compile(r"[a-z0-9]+")
_BLEU_WORD = re.compile(r"\w+|[^\w\s]")
_ORDERS = (1, 2, 3, 4)
_NOTHING = 0.1
"""What an order without a match counts as: `nltk`'s smoothing "method 1"."""


def rouge_n(reference: str, answer: str, n: int) -> float:
    """Return ROUGE-n's F: n-grams in common, against those of both texts; 0 without any."""
    expected, answered = _grams(_words(reference), n), _grams(_words(answer), n)
    return _f((expected & answered).total(), expected.total(), answered.total())


def rouge_l(reference: str, answer: str) -> float:
    """Return ROUGE-L's F: the longest common subsequence of words, against both texts' lengths."""
    expected, answered = _words(reference), _words(answer)
    lengths = [0] * (len(answered) + 1)
    for word in expected:
        before = 0
        for index, word_of_answer in enumerate(answered, start=1):
            longest = before + 1 if word == word_of_answer else max(lengths[index], lengths[index - 1])
            before, lengths[index] = lengths[index], longest
    return _f(lengths[-1], len(expected), len(answered))


def bleu(reference: str, answer: str) -> float:
    """Return BLEU-4 of one answer against one reference; 0 where no word is shared."""
    expected, answered = (_BLEU_WORD.findall(text.lower()) for text in (reference, answer))
    matches = [(_grams(answered, n) & _grams(expected, n)).total() for n in _ORDERS]
    if not matches[0]:
        return 0.0
    totals = [max(1, len(answered) - n + 1) for n in _ORDERS]
    shares = [(match or _NOTHING) / total for match, total in zip(matches, totals, strict=True)]
    brevity = min(0.0, 1 - len(expected) / len(answered))
    return math.exp(brevity + sum(math.log(share) for share in shares) / len(_ORDERS))


def _words(text: str) -> list[str]:
    return _ROUGE_WORD.findall(text.lower())


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def _f(common: int, expected: int, answered: int) -> float:
    return 2 * common / (expected + answered) if common else 0.0
