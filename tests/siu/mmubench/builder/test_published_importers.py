"""Importers of the sets of 2025 and 2026, on small files in the schemas that their repositories show."""

import json

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from siu.data.intake.collection_import import import_folder
from siu.data.intake.notes import Notes
from siu.data.intake.table import read_rows
from siu.errors import InputError
from siu.mmubench.builder.importers import import_benchmark
from tests.siu.mmubench.builder.published import (
    ASKS_NAME,
    drawn,
    mlu_entry,
    offside_answer,
    offside_choice,
    umu_row,
    write_json,
    write_mlubench,
    write_offside,
    write_parquet,
    write_pebench,
    write_umu,
)


def imported(form, source, tmp_path):
    summary = import_benchmark(form, source, tmp_path / "own")
    return summary, import_folder(tmp_path / "own", tmp_path / "collection")


def asked_for(tmp_path):
    path = tmp_path / "own" / "requests.csv"
    rows = read_rows(path, required=("request_id", "name", "kind", "image"), notes=Notes())
    assert all((path.parent / row["image"]).is_file() for row in rows)
    return [row["name"] for row in rows]


def test_mlubench_has_names_and_kinds_from_paths_and_asks_for_what_its_tasks_forget(tmp_path):
    summary, collection = imported("mlubench", write_mlubench(tmp_path / "MLUBench"), tmp_path)
    kinds = {concept.name: concept.kind for concept in collection.concepts}
    assert kinds == {"Mira Talvon": "person", "Quiet Harbour": "other", "Velox": "logo"}
    assert asked_for(tmp_path) == ["Mira Talvon", "Velox"]
    assert (summary.pictures, summary.mirrored, summary.requests) == (6, 0, 2)


def test_a_names_table_goes_before_the_folder_in_mlubench(tmp_path):
    source = write_mlubench(tmp_path / "MLUBench")
    (source / "names.csv").write_text("ID,name\nMira_Talvon,Zoë Quux\n")
    imported("mlubench", source, tmp_path)
    assert asked_for(tmp_path) == ["Zoë Quux", "Velox"]


def test_umu_has_both_wordings_of_a_fact_and_asks_for_the_smallest_share(tmp_path):
    summary, collection = imported("umu", write_umu(tmp_path / "UMU"), tmp_path)
    first = collection.concepts[0]
    facts = {fact.split: fact for fact in first.facts}
    assert facts["train"].text_question == "Where does Mira Talvon live?"
    assert facts["train"].picture_question == "Where does this person in the image live?"
    assert facts["test"].text_question == "The home of Mira Talvon is [Blank]."
    assert {fact.keyword for fact in first.facts} == {"Oslo"}
    assert len(collection.concepts) == 4
    assert asked_for(tmp_path) == ["Mira Talvon"]
    assert summary.mirrored == 4


def test_offside_has_names_from_answers_and_no_fact_that_differs_between_pictures(tmp_path):
    summary, collection = imported("offside", write_offside(tmp_path / "OFFSIDE"), tmp_path)
    assert [concept.name for concept in collection.concepts] == ["Davi Maresh", "Tomas Brill"]
    (fact,) = collection.concepts[0].facts
    assert fact.text_question == "What is the nationality of Davi Maresh?"
    assert fact.keyword == "Belgium"
    assert (summary.pictures, summary.requests) == (6, 0)
    assert not (tmp_path / "own" / "requests.csv").exists()


def test_an_option_names_a_player_before_a_sentence_does(tmp_path):
    source = write_offside(tmp_path / "OFFSIDE")
    choices = json.loads((source / "classification_test_set.json").read_text())
    choices.append(offside_choice("images/test-0.jpg", ASKS_NAME, "Lena Orsk"))
    write_json(source / "classification_test_set.json", choices)
    _, collection = imported("offside", source, tmp_path)
    assert len(collection.concepts) == 3


@pytest.mark.parametrize("form", ["folders", "parquet"])
def test_pebench_has_people_by_folder_or_by_class(form, tmp_path):
    source = tmp_path / "PEBench"
    if form == "folders":
        write_pebench(source)
    else:
        write_classes(source, ["Abel Norrin", "Zoë Quux"], [0, 0, 0, 1, 1, 1])
    summary, collection = imported("pebench", source, tmp_path)
    assert [concept.name for concept in collection.concepts] == ["Abel Norrin", "Zoë Quux"]
    assert (summary.pictures, summary.requests) == (6, 0)


def write_classes(folder, names, labels):
    """Write a Parquet file as the library datasets writes a column of classes."""
    folder.mkdir(parents=True)
    rows = [
        {"image": {"bytes": drawn(seed), "path": None}, "label": label} for seed, label in enumerate(labels)
    ]
    features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
    table = pa.Table.from_pandas(pd.DataFrame(rows), preserve_index=False)
    parquet.write_table(
        table.replace_schema_metadata({"huggingface": json.dumps(features)}), folder / "0.parquet"
    )


def umu_with(column, value):
    def write(source):
        odd = {**umu_row(1, "Li Wo"), column: value}
        write_parquet(source / "Full_Set", [umu_row(0, "Mira Talvon"), odd])

    return write


def mlu_with(**changed):
    def write(source):
        entries = [mlu_entry(1, "Personage/A_B", "one"), {**mlu_entry(2, "Personage/A_B", "two"), **changed}]
        write_json(source / "Tasks" / "TaskA" / "taskA_forget.json", entries)

    return write


def offside_with(name, entry):
    def write(source):
        write_offside(source)
        sound = (offside_choice if "class" in name else offside_answer)("a.jpg", "q", "a")
        write_json(source / name, [sound, entry])

    return write


def written(row):
    return lambda source: write_parquet(source, [row])


NO_SUCH_OPTION = umu_row(0, "Li Wo")["Classify"].replace("B. Oslo", "E. Oslo")
HALF = {way: {"Job": {"question": "q", "answer": "\ud800"}} for way in ("unimodal", "muitimodal")}
ALONE = "{'unimodal': {'Job': {'question': 'q', 'answer': 'a'}}, 'muitimodal': {}}"
BAD_ROWS = {
    "no literal": ("umu", umu_with("Cloze", "{'unimodal': "), "row 2.*Cloze: no Python literal"),
    "a call": ("umu", umu_with("Cloze", "__import__('os').getcwd()"), "row 2.*Cloze: no Python literal"),
    "another key": ("umu", umu_with("Generation", "{'unimodal': {}}"), "row 2.*Generation.muitimodal"),
    "one way": ("umu", umu_with("Cloze", ALONE), "row 2.*'Job' is asked in one way only"),
    "no option": ("umu", umu_with("Classify", NO_SUCH_OPTION), "row 2.*'E' is none of the options"),
    "no text": ("umu", umu_with("Biography", None), "row 2.*Biography"),
    "one turn": ("mlubench", mlu_with(conversations=[]), "entry 2.*conversations"),
    "another path": ("mlubench", mlu_with(image="../x.jpg"), "entry 2.*image: not downloaded_images"),
    "a number": ("mlubench", mlu_with(image=7), "entry 2.*image"),
    "half a pair": ("umu", umu_with("Cloze", str(HALF)), "row 2.*half of a surrogate pair"),
    "no messages": ("offside", offside_with("forget_set.json", {"images": "b.jpg"}), "entry 2.*messages"),
    "a text": ("offside", offside_with("retain_set.json", "x"), "entry 2.*the row"),
    "no options": (
        "offside",
        offside_with("classification_test_set.json", {"Question": "q", "Options": [], "images": "a"}),
        "entry 2.*Options",
    ),
    "another class": (
        "pebench",
        lambda source: write_classes(source, ["Abel Norrin"], [0, 7]),
        "row 2.*label: 7 is none of the 1 classes",
    ),
    "a struct": ("mllmu", written({"ID": "1", "Classification_Task": "x"}), "row 1.*Classification_Task"),
    "a list": ("clear", written({"image": None, "name": ["x"]}), "row 1.*name"),
    "broken list": ("fiubench", written({"name": "A", "qa_list": "[{"}), "row 1.*qa_list"),
    "no entries": ("fiubench", written({"name": "A", "qa_list": ["x"]}), "row 1.*qa_list"),
}


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_one_bad_row_is_one_error_with_its_place(fault, tmp_path):
    form, write, message = BAD_ROWS[fault]
    write(tmp_path / "source")
    with pytest.raises(InputError, match=f"(?s)E-BEN-006.*{message}"):
        import_benchmark(form, tmp_path / "source", tmp_path / "own")
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("form", ["mlubench", "umu", "offside", "pebench"])
def test_a_folder_of_something_else_is_refused(form, tmp_path):
    (tmp_path / "source").mkdir()
    with pytest.raises(InputError, match="E-BEN-004"):
        import_benchmark(form, tmp_path / "source", tmp_path / "own")


def test_a_player_nobody_names_is_an_error_with_a_remedy(tmp_path):
    source = write_offside(tmp_path / "OFFSIDE")
    write_json(source / "test_set.json", [offside_answer("images/test-0.jpg", "Who?", "x")])
    write_json(source / "classification_test_set.json", [])
    with pytest.raises(InputError, match=r"E-BEN-005.*names\.csv"):
        import_benchmark("offside", source, tmp_path / "own")


def test_clear_passes_over_files_without_names(tmp_path):
    source = tmp_path / "CLEAR"
    rows = [{"image": {"bytes": drawn(seed), "path": None}, "name": "Basil Orr"} for seed in range(2)]
    write_parquet(source / "forget05", rows)
    write_parquet(source / "forget05+tofu", [{"image": None, "question": "q", "answer": "a"}])
    summary, _ = imported("clear", source, tmp_path)
    assert (summary.people, summary.pictures) == (1, 2)
    with pytest.raises(InputError, match=r"E-BEN-004.*name"):
        import_benchmark("clear", source / "forget05+tofu", tmp_path / "other")
