"""A Prefect server that ends with its parent: ``python -m flows.orchestration.server_process PORT``.

Prefect's own start leaves the server behind when its parent is killed, and Ctrl-C reaches the server first,
so that the flow waits for an answer that never comes.
"""

import os
import sys
import threading
import time

CHECK_SECONDS = 1.0


def main() -> None:
    """Serve on loopback until SIGTERM, or until the parent is gone."""
    import uvicorn

    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="critical",
    )


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
