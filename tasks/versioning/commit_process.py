"""DVC's commit as a program: ``python -m tasks.versioning.commit_process WORKSPACE``.

DVC takes what is not below the current folder for foreign, and a process has one current folder: here no
other task is disturbed.
"""

import logging
import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from tasks.versioning.site_cache import configure_site_cache


def main(root: Path) -> str | None:
    """Commit all outputs of ``dvc.yaml`` as they are; return why that was not possible, or None."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        configure_site_cache(root)
        os.chdir(root)
        with redirect_stdout(StringIO()), Repo(str(root), _wait_for_lock=True) as repo:
            repo.commit(force=True, allow_missing=True)
    except (DvcException, OSError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
