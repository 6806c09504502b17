"""Logos as shapes: SVG paths of the package simplepycons, rendered to masks by resvg."""

from functools import cache, lru_cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from PIL import Image

from siu.errors import InputError
from siu.worlds import INSTALL

MASK_SIDE = 128
"""Side of a mask in pixels."""


def available() -> bool:
    """Return whether the packages of the extra ``world-logos`` that draw are installed."""
    return all(find_spec(name) is not None for name in ("simplepycons", "resvg_py"))


@lru_cache(maxsize=4096)
def mask(icon: str) -> Image.Image:
    """Return an icon's shape: an ``L`` image of `MASK_SIDE` pixels, 255 inside.

    Args:
        icon: The icon's short name in simplepycons, such as ``spotify``.

    Raises:
        InputError: ``E-LOG-001`` the packages are missing; ``E-LOG-002`` there is no such icon.
    """
    import resvg_py

    content = resvg_py.svg_to_bytes(svg_string=_icon(icon).raw_svg.strip(), width=MASK_SIDE, height=MASK_SIDE)
    with Image.open(BytesIO(bytes(content))) as rendered:
        return rendered.convert("RGBA").getchannel("A")


@cache
def icon_names() -> tuple[str, ...]:
    """Return the short names of all icons, sorted."""
    return tuple(sorted(_registry().names()))


def icon_title(icon: str) -> str:
    """Return the name that an icon's owner goes by."""
    return str(_icon(icon).title)


def _icon(icon: str) -> Any:
    factory = getattr(_registry(), f"get_{icon}_icon", None)
    if factory is None:
        raise InputError("E-LOG-002", f"simplepycons has no icon {icon!r}", INSTALL, "catalogue.yaml")
    return factory.prototype


@cache
def _registry() -> Any:
    if not available():
        raise InputError(
            "E-LOG-001", "simplepycons and resvg-py draw the logos and aren't installed", INSTALL
        )
    import simplepycons

    return vars(simplepycons)["all_icons"]
