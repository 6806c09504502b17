import pytest

from siu.language.matching import mentions


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Я вижу Зору.", "Зора"),
        ("На картинке с Зорой", "Зора"),
        ("Это фото Ждана Ветлугина.", "Ждан Ветлугин"),
        ("рядом со Жданом Ветлугиным", "Ждан Ветлугин"),
        ("портрет Достоевского", "Достоевский"),
        ("о Марии", "Мария"),
        ("вижу Андрея", "Андрей"),
        ("с Анной Толстой", "Анна Толстая"),
    ],
)
def test_a_name_is_found_in_any_case(answer, name):
    assert mentions(answer, (name,))


@pytest.mark.parametrize(
    ("answer", "name"),
    [("Это Зоран.", "Зора"), ("Это Жданов.", "Ждан"), ("Гарри Потёр", "Гарри Поттер"), ("Яна", "Ян Ли")],
)
def test_another_name_is_no_case_of_it(answer, name):
    assert not mentions(answer, (name,))
