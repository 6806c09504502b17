"""``python -m siu.audit``: see `siu.audit.command`."""

import sys

from siu.audit.command import main

if __name__ == "__main__":
    sys.exit(main())
