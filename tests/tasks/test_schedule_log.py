"""The schedule's log is read past torn lines and kept short."""

import os

from click.testing import CliRunner

from flows.cli.program import main
from siu.storage.workspace import Workspace
from tasks import schedule_log
from tasks.schedule_log import (
    Standing,
    last_alive,
    last_served_times,
    note_alive,
    note_schedule,
    schedule_events,
    served_times,
    shorten_schedule_log,
)


def test_events_come_back_in_order_past_a_torn_line(workspace: Workspace) -> None:
    assert schedule_events(workspace) == []
    note_schedule(workspace, "serves", "'0 3 * * *'")
    with workspace.schedule_log.open("a") as log:
        log.write('{"event": "do\n')
    note_schedule(workspace, "done", "nothing to do")
    assert [(event.event, event.reason) for event in schedule_events(workspace)] == [
        ("serves", "'0 3 * * *'"),
        ("done", "nothing to do"),
    ]
    assert workspace.schedule_log.stat().st_mode & 0o077 == 0


def test_a_long_log_loses_its_older_half(workspace: Workspace) -> None:
    note_schedule(workspace, "done", "first")
    line = workspace.schedule_log.read_text()
    workspace.schedule_log.write_text(line * schedule_log.MOST_LINES)
    shorten_schedule_log(workspace)
    assert len(schedule_events(workspace)) == schedule_log.MOST_LINES
    note_schedule(workspace, "done", "last")
    shorten_schedule_log(workspace)
    assert len(schedule_events(workspace)) == schedule_log.MOST_LINES // 2
    assert schedule_events(workspace)[-1].reason == "last"


def test_what_stands_in_status_says_why_a_run_waits_or_was_left_out(workspace: Workspace) -> None:
    assert str(Standing.of(workspace)) == ""
    note_alive(workspace)
    note_schedule(workspace, "serves", "'0 3 * * *'")
    assert str(Standing.of(workspace)) == "schedule served; no run yet"
    note_schedule(workspace, "skipped", "a batch is at work (process 17)")
    assert str(Standing.of(workspace)).endswith(": a batch is at work (process 17)")
    assert "last run skipped at 20" in str(Standing.of(workspace))
    note_schedule(workspace, "waits", "a study is at work")
    assert str(Standing.of(workspace)).endswith("; waits: a study is at work")
    assert str(Standing.of(workspace)) in CliRunner().invoke(main, ["status"]).output


def test_a_schedule_is_alive_as_long_as_it_says_so(workspace: Workspace) -> None:
    assert last_alive(workspace) is None
    assert not Standing.of(workspace).is_served
    note_alive(workspace)
    assert Standing.of(workspace).is_served
    os.utime(workspace.schedule_alive, (0, 0))
    assert not Standing.of(workspace).is_served


def test_one_that_was_ended_is_no_longer_served(workspace: Workspace) -> None:
    note_alive(workspace)
    note_schedule(workspace, "serves", served_times("0 3 * * *", "UTC"))
    note_schedule(workspace, "ended", "by a signal")
    assert not Standing.of(workspace).is_served
    assert str(Standing.of(workspace)).startswith("schedule not served since 20")
    note_schedule(workspace, "serves", served_times("0 4 * * *", "UTC"))
    assert Standing.of(workspace).is_served


def test_the_log_says_when_batches_ran_last(workspace: Workspace) -> None:
    assert last_served_times(workspace) == ""
    for hour in (3, 4):
        note_schedule(workspace, "serves", served_times(f"0 {hour} * * *", "Europe/Berlin"))
        note_schedule(workspace, "ended", "by a signal")
    assert last_served_times(workspace) == served_times("0 4 * * *", "Europe/Berlin")


def test_a_log_without_the_mark_of_life_says_that_nothing_is_served(workspace: Workspace) -> None:
    note_schedule(workspace, "done", "nothing to do")
    assert str(Standing.of(workspace)).startswith("schedule not served; last run done at 20")
    assert "schedule not served; " in CliRunner().invoke(main, ["status"]).output
