"""A process that ends when the one that started it is gone, however that one ended."""

import os
import threading
import time

import psutil

CHECK_SECONDS = 0.5


def end_with_parent() -> None:
    """Watch, in a thread, that the parent lives; without it end this process and all that it has started."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECK_SECONDS)
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    os._exit(1)
