"""What a world is: a collection of concepts that is drawn, and a model that knows them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.config.params import Params


@dataclass(frozen=True)
class World:
    """A world; another package adds one by an entry point ``siu.worlds`` that names it.

    Attributes:
        collection: The value of ``data.source`` that asks for its collection.
        model: The value of ``base_model.source`` that asks for its model.
        draw: Draws the collection into an empty folder.
        settings: What of the parameters decides the collection, as JSON-like values.
        code: The module whose imports decide the collection; it counts only for SIU's own worlds, another
            package counts as a whole.
        base_folder: Returns the model's folder, made if need be; errors tell what is missing.
        gold_folder: The same of a model that never saw some concepts; None if there is none.
        example_requests: Writes a table of requests with pictures into a folder and returns its path; None if
            `siu demo` can't show the world.
        preset: The preset of parameters that fits its model; None for the defaults.
    """

    collection: str
    model: str
    draw: Callable[[Path, Params], None]
    settings: Callable[[Params], list[Any]]
    code: str
    base_folder: Callable[[], Path]
    gold_folder: Callable[[], Path] | None = None
    example_requests: Callable[[Path], Path] | None = None
    preset: str | None = None
