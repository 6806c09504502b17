"""Tables that are shipped inside the packages."""

from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML


@cache
def packaged_yaml(package: str, file: str) -> Any:
    """Return the content of a YAML file beside a package's modules; it is read once and not to be changed."""
    return YAML(typ="safe", pure=True).load(files(package).joinpath(file).read_text(encoding="utf-8"))
