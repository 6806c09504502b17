"""What `siu forget` and `siu request add` say about a name."""

from siu.language.spellings import MOST, spellings


def found_as(name: str, aliases: tuple[str, ...]) -> str:
    """Return a line that shows in which other spellings the names will be found, for a person to check."""
    others = dict.fromkeys(spelling for text in (name, *aliases) for spelling in spellings(text))
    shown = " · ".join(list(others)[:MOST])
    return f"also found as: {shown or 'no other spelling'}; add others with --alias"
