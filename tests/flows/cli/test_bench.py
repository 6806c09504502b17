import json
import re
import shutil

import pandas as pd
from click.testing import CliRunner

from flows.cli.program import main
from flows.cli.shapes import check_output
from siu.data.intake.collection_import import import_folder
from tests.siu.mmubench.builder.published import write_umu
from tests.siu.mmubench.public_sets.files import write_all


def siu(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_new_user_builds_a_benchmark_in_one_command(workspace, tmp_path):
    from siu.data.collection import load_collection
    from siu.worlds.drawn import draw_collection

    draw_collection(tmp_path / "drawn", seed=3, test_pictures=3)
    drawn = load_collection(tmp_path / "drawn")
    concept = drawn.concepts[0]
    source = tmp_path / "pictures of mine"
    for index, picture in enumerate(drawn.pictures_of(concept.id)):
        (source / "pictures" / "a").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(drawn.path(picture), source / "pictures" / "a" / f"{index}.png")
    (source / "concepts.csv").write_text(f"id,name,kind\na,{concept.name},person\n", encoding="utf-8")
    result = siu("bench", "build", source, workspace.root / "bench")
    assert result.exit_code == 0, result.stderr
    assert "a: 1 picture to train on" in result.stdout
    assert len(import_folder(workspace.root / "bench", tmp_path / "collection").concepts) == 1
    assert siu("bench", "build", source, workspace.root / "bench").exit_code == 2


def test_the_catalogue_and_imports_say_what_they_did(tmp_path):
    result = siu("bench", "catalogue", tmp_path / "mmubench")
    assert result.exit_code == 0
    assert "siu bench build" in result.stdout
    (tmp_path / "CLEAR").mkdir()
    pd.DataFrame([{"image": None, "name": "x"}]).to_parquet(tmp_path / "CLEAR" / "a.parquet")
    result = siu("bench", "import", "clear", tmp_path / "CLEAR", tmp_path / "own")
    assert result.exit_code == 2
    assert "E-BEN-004" in result.stderr


def test_public_sets_are_measured_and_what_was_not_says_so(workspace, tmp_path):
    write_all(tmp_path / "sets")
    result = siu("bench", "public", tmp_path / "sets", "--workspace", workspace.root, "--json")
    assert result.exit_code == 0, result.stderr
    check_output("siu bench public", result.stdout)
    before = json.loads(result.stdout)["before"]
    assert before["sets"]["mm-vet"] is None
    assert before["sets"]["gqa"]["questions"] == 1
    assert 0.0 <= before["mean"] <= 1.0
    assert siu("bench", "public", tmp_path, "--workspace", workspace.root).exit_code == 2


def test_a_table_of_questions_is_written_extended_and_asked(standing):
    table = standing.root / "questions.csv"
    options = ("--language", "de", "--kind", "person", "--count", 2, "--workspace", standing.root)
    first = siu("bench", "questions", table, *options)
    assert first.exit_code == 0, first.stderr
    assert "6 questions were added" in first.stdout
    assert "holds 12" in siu("bench", "questions", table, *options).stdout
    table.write_text("language,purpose,kind,question\nde,name,person,{wer}?\n", encoding="utf-8")
    assert "E-ATK-004" in siu("bench", "questions", table, *options).stderr
    params = standing.params_file.read_text()
    standing.params_file.write_text(params.replace("questions:\n", "questions: questions.csv\n"))
    assert "E-ATK-004" in siu("batch", "--workspace", standing.root).stderr


def test_the_command_offers_every_language_of_the_question_set():
    from flows.cli.bench import LANGUAGES
    from siu.attacks.question_set import set_languages

    assert sorted(LANGUAGES) == sorted(set_languages())


def test_another_benchmark_is_scored_by_its_own_rule(workspace, tmp_path):
    source = write_umu(tmp_path / "UMU")
    options = (source, "--limit", 1, "--workspace", workspace.root)
    result = siu("bench", "score", "umu", *options)
    assert result.exit_code == 0, result.stderr
    assert re.search(r"classify: AccF ↑\W+1\b", result.stdout), "one fact of each part and task"
    assert re.search(r"classify: AccR ↑\W+1\b", result.stdout)
    assert "generation: RLR" in result.stdout
    assert "right as text" in siu("bench", "score", "umu", *options, "--forget", "visual").stdout
    refused = siu("bench", "score", "offside", *options, "--forget", "visual")
    assert refused.exit_code == 2
    assert "E-BEN-007" in refused.stderr


def test_the_command_offers_every_set_that_can_be_imported_or_scored():
    from flows.cli.bench import FORMS, SCORED
    from siu.mmubench.builder.importers import READERS
    from siu.mmubench.unlearning_sets import NAMES

    assert tuple(READERS) == FORMS
    assert NAMES == SCORED
