"""Tables and templates that are shipped inside the packages."""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def packaged_yaml(package: str, file: str) -> Any:
    """Return the content of a YAML file beside a package's modules; it is read once and not to be changed."""
    return YAML(typ="safe", pure=True).load(files(package).joinpath(file).read_text(encoding="utf-8"))


def packaged_pages(package: str) -> "Environment":
    """Return where the HTML templates beside a package's modules are found; what they show is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(str(files(package))),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
