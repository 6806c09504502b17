"""`siu bench self-check`: are the measurements right where it is known what is right?"""

import json
import tempfile
from pathlib import Path

from flows.terminal.console import plain_console
from flows.terminal.quiet import offline_unless
from siu.config.params import Params
from siu.data.collection import load_collection
from siu.selfcheck import SelfCheck, as_dict, page, self_check
from siu.worlds.drawn import GOLD_WITHOUT, draw_collection, gold_folder

PAGE, RESULT = "self-check.md", "self-check.json"


def run(params: Params) -> SelfCheck:
    """Check the measurements on the embedded models and the drawn world; takes minutes."""
    offline_unless(is_hub_name=False)
    console = plain_console(stderr=True)
    with tempfile.TemporaryDirectory() as place, console.status("drawing the world") as status:
        folder = Path(place)
        draw_collection(
            folder / "world",
            seed=params.seed,
            test_pictures=params.data.test_pictures,
            test_groups=params.data.test_groups,
        )
        return self_check(
            params,
            load_collection(folder / "world"),
            gold_folder(),
            GOLD_WITHOUT,
            folder,
            say=status.update,
        )


def write(check: SelfCheck, folder: Path) -> None:
    """Write the page and its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, as_json in ((PAGE, False), (RESULT, True)):
        (folder / name).write_text(text_of(check, as_json), encoding="utf-8")


def text_of(check: SelfCheck, as_json: bool) -> str:
    """Return the page, or its numbers as JSON."""
    return json.dumps(as_dict(check), indent=2) + "\n" if as_json else page(check)
