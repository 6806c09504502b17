"""What becomes of a request's data once a release with it is deployed."""

from typing import Literal

from siu.config.section import Section


class PolicyParams(Section):
    """What is kept of a request, and for how long."""

    after_release: Literal["keep", "purge"] = "keep"
    """What becomes of pictures, data, answers and reports after a release: ``purge`` removes them."""
