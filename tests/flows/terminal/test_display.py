"""Progress where no terminal shows bars."""

import io

from rich.console import Console

from flows.terminal.display import Lines


def test_a_long_stage_says_now_and_then_how_far_it_is() -> None:
    seconds, written = [0.0], io.StringIO()
    lines = Lines(Console(file=written), every=30.0, clock=lambda: seconds[0])
    on_progress = lines.stage("r-0", "unlearn")
    for now, done in ((10.0, 1), (31.0, 4), (45.0, 5), (62.0, 7), (95.0, 8)):
        seconds[0] = now
        on_progress(done, 8)
    assert written.getvalue().splitlines() == [
        "r-0: unlearn 4/8 (50%), 31 s",
        "r-0: unlearn 7/8 (88%), 62 s",
    ], "neither what is too early nor the end, which has a line of its own"


def test_stages_side_by_side_have_clocks_of_their_own() -> None:
    seconds, written = [0.0], io.StringIO()
    lines = Lines(Console(file=written), every=30.0, clock=lambda: seconds[0])
    first = lines.stage("r-0", "unlearn")
    seconds[0] = 20.0
    second = lines.stage("r-1", "unlearn")
    seconds[0] = 40.0
    first(1, 4)
    second(1, 4)
    assert written.getvalue() == "r-0: unlearn 1/4 (25%), 40 s\n"
    lines.stage("r-2", "attack")(0, 0)
