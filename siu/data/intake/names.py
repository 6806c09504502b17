"""Names of concepts: display text in any script, never part of a path."""

import unicodedata

from siu.errors import InputError

MAX_LENGTH = 80
_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_DIRECTION_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
"""What editors put around a name to show it; not the two overrides, behind which another name is seen."""
_FORBIDDEN = {"Cc": "control", "Cf": "invisible", "Cn": "unassigned", "Co": "private", "Cs": "surrogate"}


def clean_name(text: str, where: str = "") -> str:
    """Return a name in NFC with single plain spaces between its words, without direction marks around it.

    Joiners, which are invisible, are kept only where a script's spelling needs them: between Arabic letters
    (as in Persian) and after a virama (as in Hindi or Sinhala).

    Args:
        text: The name as the user wrote it.
        where: Put into the error as its place.

    Raises:
        InputError: ``E-NAM-001`` the name has no letter or digit, ``002`` it is too long, ``003`` it holds a
            control, bidirectional or other invisible character, a slash, a backslash or two dots.
    """
    composed = without_direction_marks(unicodedata.normalize("NFC", text))
    for index, character in enumerate(composed):
        category = _FORBIDDEN.get(unicodedata.category(character))
        if character in "/\\" or (category and not _joins(composed, index)):
            shown = f"{category or 'path'} character U+{ord(character):04X}"
            raise InputError("E-NAM-003", f"the name holds the {shown}", "Remove it", where)
    if ".." in composed:
        raise InputError("E-NAM-003", "the name holds two dots in a row", "Remove them", where)
    name = " ".join(composed.split())
    if not any(unicodedata.category(character)[0] in "LN" for character in name):
        raise InputError("E-NAM-001", "the name has no letter or digit", "Write the concept's name", where)
    if len(name) > MAX_LENGTH:
        what = f"the name has {len(name)} characters, more than {MAX_LENGTH}"
        raise InputError("E-NAM-002", what, "Shorten it; other names go into aliases", where)
    return name


def without_direction_marks(text: str) -> str:
    """Return a text without the blanks and invisible direction marks at its ends."""
    before = None
    while before != text:
        before, text = text, text.strip().strip(_DIRECTION_MARKS)
    return text


def name_key(name: str) -> str:
    """Return what two spellings of one name share: compatibility forms, letter case and joiners removed."""
    without_joiners = name.replace(_ZERO_WIDTH_NON_JOINER, "").replace(_ZERO_WIDTH_JOINER, "")
    folded = unicodedata.normalize("NFKC", without_joiners).casefold()
    return unicodedata.normalize("NFKC", folded)


def clean_aliases(text: str, name: str, where: str = "") -> tuple[str, ...]:
    """Return the names between the semicolons, without repetitions and without the name itself.

    Raises:
        InputError: An alias is not a proper name; see `clean_name`.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        if part.strip():
            alias = clean_name(part, where)
            if alias != name:
                found.setdefault(name_key(alias), alias)
    return tuple(found.values())


def _joins(text: str, index: int) -> bool:
    """Tell whether a joiner stands where a script's spelling needs one."""
    if index == 0 or text[index] not in (_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER):
        return False
    before, after = text[index - 1], text[index + 1 : index + 2]
    if unicodedata.combining(before) == 9:  # a virama
        return True
    return text[index] == _ZERO_WIDTH_NON_JOINER and _is_arabic(before) and _is_arabic(after)


def _is_arabic(character: str) -> bool:
    return bool(character) and unicodedata.name(character, "").startswith("ARABIC LETTER")
