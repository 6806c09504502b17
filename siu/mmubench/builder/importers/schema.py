"""What a row of a published data set must be; a row of another form is one clear error."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from siu.errors import InputError

MAX_LITERAL = 1_000_000
"""Characters of a Python literal in a cell; a row of the published sets has some thousand."""


class Published(BaseModel):
    """A row, or a part of one, as it was published; columns that nothing here reads are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Choice(Published):
    """A question with options, as MLLMU-Bench and OFFSIDE have it.

    Attributes:
        question: What is asked; empty where the cell is.
        options: Texts by letter.
        letter: The right option's.
    """

    question: str = Field("", alias="Question")
    options: dict[str, str | None] = Field({}, alias="Options")
    letter: str | None = Field(None, alias="Correct_Answer")

    @field_validator("question", "options", mode="before")
    @classmethod
    def _empty_cell(cls, value: object, info: ValidationInfo) -> object:
        return ("" if info.field_name == "question" else {}) if value is None else value

    @property
    def right(self) -> str:
        """The right option's text; empty without a question or an option of that letter."""
        return (self.options.get(self.letter or "") or "") if self.question else ""


R = TypeVar("R", bound=Published)


def checked(model: type[R], row: Any, place: str) -> R:
    """Return a row in the published form.

    Args:
        model: The form.
        row: The row as it was read.
        place: File and row, for the message.

    Raises:
        InputError: ``E-BEN-006`` the row has another form.
    """
    try:
        read = model.model_validate(row)
        json.dumps(read.model_dump(), ensure_ascii=False).encode()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        column = ".".join(str(part) for part in first["loc"]) or "the row"
        raise odd_row(ascii(f"{column}: {first['msg']}")[1:-1], place) from None
    except UnicodeEncodeError:
        raise odd_row("a text holds half of a surrogate pair, which no file can hold", place) from None
    return read


def odd_row(what: str, place: str) -> InputError:
    """Return the error for a row that has another form than the published one."""
    remedy = "Fetch the file again, or take the version that docs/how-to/bench.md names"
    return InputError("E-BEN-006", what, remedy, place)


def literal(text: Any, column: str, place: str) -> Any:
    """Return what a Python literal in a cell says; anything but a text is returned as it is.

    Raises:
        InputError: ``E-BEN-006`` the text is no literal, or longer than `MAX_LITERAL`.
    """
    if not isinstance(text, str):
        return text
    if len(text) > MAX_LITERAL:
        raise odd_row(f"{column}: longer than {MAX_LITERAL} characters", place)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise odd_row(f"{column}: no Python literal", place) from None


def json_list(path: Path) -> Iterator[tuple[Any, str]]:
    """Yield the entries of a JSON file that holds a list, each with its place.

    Raises:
        InputError: ``E-BEN-004`` the file is missing, is no JSON, or holds no list.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        what = f"the file can't be read as JSON ({type(error).__name__})"
        raise InputError("E-BEN-004", what, "Name the data set's own folder", str(path)) from None
    if not isinstance(content, list):
        raise InputError("E-BEN-004", "the file holds no list", "Fetch it again", str(path))
    yield from ((entry, f"{path}, entry {number}") for number, entry in enumerate(content, start=1))
