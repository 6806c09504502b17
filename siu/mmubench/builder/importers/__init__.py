"""Importers: other unlearning benchmarks, as Hugging Face lays them out, as folders of one's own."""

from pathlib import Path

from siu.mmubench.builder.importers.clear import read_clear
from siu.mmubench.builder.importers.fiubench import read_fiubench
from siu.mmubench.builder.importers.mllmu import read_mllmu
from siu.mmubench.builder.importers.mlubench import read_mlubench
from siu.mmubench.builder.importers.offside import read_offside
from siu.mmubench.builder.importers.pebench import read_pebench
from siu.mmubench.builder.importers.person import Imported, write_people
from siu.mmubench.builder.importers.umu import read_umu

READERS = {
    "mllmu": read_mllmu,
    "clear": read_clear,
    "fiubench": read_fiubench,
    "mlubench": read_mlubench,
    "umu": read_umu,
    "offside": read_offside,
    "pebench": read_pebench,
}
"""What can be imported, by the word on the command line."""


def import_benchmark(form: str, source: Path, folder: Path) -> Imported:
    """Write a data set as a folder in the form of docs/how-to/own-data.md.

    Args:
        form: A key of `READERS`.
        source: The data set's folder.
        folder: Where the result goes; absent or empty.

    Raises:
        InputError: ``E-BEN-001`` the place is taken, ``004`` the data set has another form, ``005`` a person
            without a name, ``006`` a row has another form.
    """
    return write_people(READERS[form](source), folder)


__all__ = ["READERS", "Imported", "import_benchmark"]
