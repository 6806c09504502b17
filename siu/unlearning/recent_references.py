"""References of the samples that were drawn, in the machine's memory and up to a bound.

A large joint release draws more samples than any memory has references for: those not used for longest go,
and are computed again if their samples are drawn again. What goes depends on draws and sizes alone, so equal
runs stay equal; up to the bound nothing ever goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from siu.unlearning.references import Reference

MOST_BYTES = 1 << 33


class RecentReferences:
    """References by the index of their sample.

    Args:
        most_bytes: How much is kept from one step to the next; one step alone may take more.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._references: dict[int, Reference] = {}

    def __getitem__(self, index: int) -> Reference:
        return self._references[index]

    def missing(self, indices: Sequence[int]) -> list[int]:
        """Return the samples that have to be computed."""
        return [index for index in indices if index not in self._references]

    def use(self, indices: Sequence[int], computed: Mapping[int, Reference]) -> None:
        """Keep new references off the device, and all that a step needs; others go while there is no room.

        Args:
            indices: The step's samples, each kept already or computed now.
            computed: The new ones.
        """
        self._references |= {index: _off_device(reference) for index, reference in computed.items()}
        self._references |= {
            index: self._references.pop(index) for index in dict.fromkeys(indices)
        }  # the ones used last stand last
        size, needed = sum(map(_size, self._references.values())), set(indices)
        for index in [index for index in self._references if index not in needed]:
            if size <= self._most_bytes:
                return
            size -= _size(self._references.pop(index))


def _off_device(reference: Reference) -> Reference:
    return replace(reference, log_probs=reference.log_probs.cpu(), hidden=reference.hidden.cpu())


def _size(reference: Reference) -> int:
    return int(reference.log_probs.nbytes + reference.hidden.nbytes)
