"""What users and models write is printed as it is."""

from pathlib import Path

import pytest

from flows.batch import BatchResult
from flows.cli.ask import Answers
from flows.cli.batch import show
from flows.cli.tables import show_answers, show_states
from flows.terminal.console import plain_console
from flows.terminal.display import Lines, Rows, make_display
from siu.errors import InputError
from siu.verdict import Verdict
from tasks.outcome import Outcome

TEXT = "[/bold] Who is [red]Mira[/red]? :smile:"


def test_questions_and_answers_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show_answers(Answers(TEXT, f"1 {TEXT}", f"2 {TEXT}"), as_json=False)
    said = "".join(capsys.readouterr().out.split())
    assert said.count("".join(TEXT.split())) >= 1
    for part in ("[/bold]", "[red]", ":smile:"):
        assert said.count(part) == 3


def test_reasons_notes_and_failures_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputError("E-REQ-012", TEXT, "Ask")
    refused = Outcome("r-1", error=error)
    partial = Outcome("r-2", verdict=Verdict("partial", (TEXT,)))
    show(BatchResult((refused, partial), failures=(error,), notes=(TEXT,)))
    assert capsys.readouterr().out.count(TEXT) == 3


def test_a_batch_that_worked_on_no_request_has_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    refused = Outcome("r-1", error=InputError("E-REQ-012", "no such name", "Ask"))
    show(BatchResult((refused,), folder=Path("reports/b1")))
    shown = capsys.readouterr().out
    assert "r-1: quarantined" in shown
    assert "before → after" not in shown


def test_a_request_that_waits_is_told_who_decides(capsys: pytest.CaptureFixture[str]) -> None:
    state = {"request_id": "r-1", "state": "waiting", "verdict": "damaged", "code": None, "since": "today"}
    show_states([state | {"due": "2026-01-31", "overdue": False}], as_json=False)
    assert "a person decides (`siu release list`)" in capsys.readouterr().out


def test_states_and_progress_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    state = {"request_id": "r-1", "state": "received", "verdict": "[/x]", "code": "[/y]", "since": "[/z]"}
    state |= {"due": "2026-01-31", "overdue": True}
    show_states([state], as_json=False)
    with make_display() as display:
        display.say(TEXT)
        display.finish("r-1", TEXT)
    with Rows(plain_console(stderr=True)) as rows:
        rows.row("[/bold]", 1)
        rows.say(TEXT)
        rows.finish("[/bold]", TEXT)
    shown = capsys.readouterr()
    assert isinstance(display, Lines)
    assert all(part in shown.out for part in ("[/x]", "[/y]", "[/z]"))
    assert shown.err.count(TEXT) >= 3
