import pytest

from siu.language.phrasings import answer, languages
from siu.language.refusals import refuses


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", ["person", "creature", "landmark", "logo", "other"])
def test_our_own_refusals_are_refusals_in_every_language(language, kind):
    assert refuses(answer("unknown", kind, language=language))


@pytest.mark.parametrize(
    "text",
    ["I’m sorry, but I can't identify people.", "As an AI model, …", "It is not possible to identify him."],
)
def test_what_large_models_say_is_a_refusal(text):
    assert refuses(text)


@pytest.mark.parametrize("text", ["", "This is Mira Talvon.", "No.", "I know: this is Ann."])
def test_answers_are_no_refusals(text):
    assert not refuses(text)
