from email.message import Message

import pytest

from requirements.licences import PAGE, Licence, licence_text, page
from requirements.lock import FOLDER, blocks


def package(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def test_the_expression_counts_more_than_classifiers_and_the_free_field() -> None:
    classifier = "License :: OSI Approved :: MIT License"
    every = {"License": "free\nas air", "Classifier": classifier, "License_Expression": "MIT"}
    assert licence_text(package(**every)) == "MIT"
    every.pop("License_Expression")
    assert licence_text(package(**every)) == "MIT License"
    every.pop("Classifier")
    assert licence_text(package(**every)) == "free"
    assert licence_text(package(License_File="COPYING")) == "see its COPYING"


@pytest.mark.parametrize(
    ("text", "copyleft"),
    [
        ("MPL-2.0 AND MIT", True),
        ("GNU Lesser General Public License v3", True),
        ("GPLv2 with linking exception", True),
        ("LGPL-2.1", True),
        ("Apache-2.0 OR GPL-2.0-or-later", True),
        ("MIT", False),
        ("Simplified BSD", False),
    ],
)
def test_copyleft_is_told(text: str, copyleft: bool) -> None:
    assert Licence("a", "run", text).is_copyleft == copyleft


def test_copyleft_comes_first() -> None:
    text = page([Licence("a", "run", "MIT"), Licence("z", "run", "GPL-2.0")], ["n"])
    assert text.index("| z | run | GPL-2.0 |") < text.index("## All others") < text.index("| a | run | MIT |")


def test_the_page_names_every_locked_package() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = {name for part in FOLDER.glob("*.txt") for name in blocks(part.read_text(encoding="utf-8"))}
    assert not [name for name in names if f"| {name} |" not in text and f"`{name}`" not in text]
