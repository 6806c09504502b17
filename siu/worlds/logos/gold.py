"""From a training folder without some brands to a gold model: what forgetting them should come to.

`python -m siu.worlds.logos.gold RUN FOLDER` assembles it; ``evaluation.gold`` names the folder then.
"""

import argparse
import sys
from pathlib import Path

from siu.errors import InputError, SiuError
from siu.gold.reference import CARD, gold_reference, write_card
from siu.worlds.logos.assemble import save_model
from siu.worlds.logos.ship import trained_weights


def build_gold(run: Path, folder: Path) -> tuple[str, ...]:
    """Write the model that a training folder's last checkpoint makes, and what it was trained without.

    Args:
        run: A folder of `siu.worlds.logos.train --without`.
        folder: Where to; absent.

    Returns:
        Ids of the brands that it never saw.

    Raises:
        InputError: ``E-LOG-006`` the training leaves no brand out, or has no checkpoint yet.
    """
    remedy = "Run `python -m siu.worlds.logos.train RUN --without BRAND` until it has a checkpoint"
    if not (run / CARD).is_file():
        raise InputError("E-LOG-006", "this training leaves no brand out", remedy, str(run))
    if not (run / "speaking.pt").is_file():
        raise InputError("E-LOG-006", "this training has no checkpoint yet", remedy, str(run))
    without = gold_reference(str(run.resolve())).without
    save_model(trained_weights(run), folder)
    write_card(folder, without)
    return without


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    try:
        without = build_gold(arguments.run, arguments.folder)
    except SiuError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{arguments.folder}: never saw {', '.join(without)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
