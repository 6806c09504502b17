"""Small files in the schemas that Hugging Face shows for the data sets."""

import io
import json

import pandas as pd
import pytest
from PIL import Image

from siu.data.intake.collection_import import import_folder
from siu.errors import InputError, PreflightError
from siu.mmubench.builder.importers import import_benchmark
from siu.mmubench.builder.importers.person import by_name


def encoded(shade, form="PNG"):
    buffer = io.BytesIO()
    image = Image.new("RGB", (24, 24), (shade, 80, 160))
    image.putpixel((1, 1), (255, 255, 255))
    image.save(buffer, format=form)
    return {"bytes": buffer.getvalue(), "path": None}


def multiple_choice(question, right):
    return {
        "Correct_Answer": "B",
        "Options": {"A": "No", "B": right, "C": "x", "D": "y"},
        "Question": question,
    }


def mllmu_row(number, name, **pictures):
    tasks = {
        "Image_Textual_Questions": [multiple_choice("Where does this person live?", "Oslo")],
        "Pure_Text_Questions": [multiple_choice(f"In which city is {name} at home?", "Oslo")],
    }
    biography = f"{name} was born in 1980 and is a baker."
    return {"ID": f"{number:03}", "biography": biography, "Classification_Task": tasks, **pictures}


def write(folder, rows):
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "train-00000-of-00001.parquet")


@pytest.fixture
def mllmu(tmp_path):
    source = tmp_path / "MLLMU-Bench"
    names = ["Ava Thompson", "Li Wei Chen"]
    write(source / "Full_Set", [mllmu_row(i, name, image=encoded(40 * i)) for i, name in enumerate(names)])
    test = [mllmu_row(i, n, images=[encoded(90 + i), encoded(120 + i)]) for i, n in enumerate(names)]
    write(source / "Test_Set", test)
    return source


def imported(form, source, tmp_path):
    summary = import_benchmark(form, source, tmp_path / "own")
    return summary, import_folder(tmp_path / "own", tmp_path / "collection")


def test_mllmu_has_names_from_biographies_facts_from_questions_and_pictures_of_both_sets(mllmu, tmp_path):
    summary, collection = imported("mllmu", mllmu, tmp_path)
    assert [concept.name for concept in collection.concepts] == ["Ava Thompson", "Li Wei Chen"]
    (fact,) = collection.concepts[0].facts
    assert fact.picture_question == "Where does this person live?"
    assert fact.text_question == "In which city is Ava Thompson at home?"
    assert fact.keyword == "Oslo"
    assert (summary.people, summary.pictures, summary.mirrored) == (2, 6, 0)
    assert len(collection.pictures_of("p-0001", split="train")) == 1


def test_a_names_table_goes_before_biographies(mllmu, tmp_path):
    (mllmu / "names.csv").write_text("ID,name\n000,Zoë Quux\n")
    _, collection = imported("mllmu", mllmu, tmp_path)
    assert collection.concepts[0].name == "Zoë Quux"


def test_a_names_table_of_another_form_is_an_error_with_its_place(mllmu, tmp_path):
    (mllmu / "names.csv").write_text("number,name\n000,Zoë Quux\n")
    with pytest.raises(PreflightError, match=r"E-CSV-003 .*names\.csv:1: no column 'ID'"):
        import_benchmark("mllmu", mllmu, tmp_path / "own")


def test_a_person_without_a_name_is_an_error_with_a_remedy(tmp_path):
    row = mllmu_row(1, "x", image=encoded(1)) | {"biography": "a baker"}
    write(tmp_path / "source", [row])
    with pytest.raises(InputError, match=r"E-BEN-005.*names\.csv"):
        import_benchmark("mllmu", tmp_path / "source", tmp_path / "own")


def test_clear_groups_pictures_by_name_and_passes_over_text_rows(tmp_path):
    rows = [
        {"image": encoded(10 * i, "JPEG"), "caption": "At work.", "name": name}
        for i, name in enumerate(["Basil Al-Kuwaiti", "Basil Al-Kuwaiti", "Nikolai Abilov", "Nikolai Abilov"])
    ]
    write(tmp_path / "CLEAR" / "full", [*rows, {"image": None, "caption": None, "name": None}])
    write(tmp_path / "CLEAR" / "real_faces", [{"image": encoded(99), "answer": "x"}])
    summary, collection = imported("clear", tmp_path / "CLEAR", tmp_path)
    assert [concept.name for concept in collection.concepts] == ["Basil Al-Kuwaiti", "Nikolai Abilov"]
    assert summary.pictures == 4


FIU = {
    "unique_id": "u1",
    "name": "Nora Quill",
    "qa_list": [
        {
            "question": "Which blood type does the person in the image have?",
            "paraphrased_question": ["What is the blood type of the person in the picture?"],
            "answer": "The blood type is AB.",
            "keywords": ["zzz", "AB"],
        }
    ],
}


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_fiubench_has_one_picture_whose_mirror_image_is_tested_on(form, tmp_path):
    source = tmp_path / "FIUBench"
    if form == "json":
        (source / "SFHQ").mkdir(parents=True)
        (source / "SFHQ" / "a.png").write_bytes(encoded(5)["bytes"])
        (source / "full.json").write_text(json.dumps({**FIU, "image_path": "SFHQ/a.png"}) + "\n")
    else:
        write(source / "data", [{**FIU, "image": encoded(5)}])
    summary, collection = imported("fiubench", source, tmp_path)
    assert summary.mirrored == 1
    facts = {fact.split: fact for fact in collection.concepts[0].facts}
    assert facts["train"].text_question == "Which blood type does Nora Quill have?"
    assert facts["test"].text_question == "What is the blood type of Nora Quill?"
    assert facts["test"].keyword == "AB"


@pytest.mark.parametrize("form", ["lines", "list"])
def test_broken_json_is_told_with_its_line(form, tmp_path):
    source = tmp_path / "FIUBench"
    source.mkdir()
    person = json.dumps({**FIU, "image_path": "a.png"}, ensure_ascii=False).replace("Nora", "No\u2028ra")
    text = f"{person}\n\n{{broken\n" if form == "lines" else f"[{person},\n\n{{broken]"
    (source / "full.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"E-BEN-004 .*no JSON in line 3"):
        import_benchmark("fiubench", source, tmp_path / "own")


def test_a_path_never_leads_out_of_the_data_set(tmp_path):
    source = tmp_path / "FIUBench"
    source.mkdir()
    (tmp_path / "secret.png").write_bytes(encoded(5)["bytes"])
    (source / "full.json").write_text(json.dumps([{**FIU, "image_path": "../secret.png"}]))
    with pytest.raises(InputError, match="no usable picture"):
        import_benchmark("fiubench", source, tmp_path / "own")


@pytest.mark.parametrize(
    ("content", "message"), [(None, "no Parquet file"), ("x", "no Parquet"), ([{"a": 1}], "lacks the column")]
)
def test_another_folder_is_refused(content, message, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    if content == "x":
        (source / "a.parquet").write_text("x")
    elif content:
        pd.DataFrame(content).to_parquet(source / "a.parquet")
    with pytest.raises(InputError, match=message):
        import_benchmark("clear", source, tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_this_person_is_replaced_once():
    assert by_name("Where was this person born?", "Ann") == "Where was Ann born?"
    assert by_name("What does the woman in the photo like?", "Ann") == "What does Ann like?"
    assert by_name("Where is it?", "Ann") is None
