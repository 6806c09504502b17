"""The hash tree over the ledger's lines, with its two proofs (RFC 6962, section 2.1; RFC 9162 has the same).

Whoever holds the root over the first n lines can check, with a few digests, that a line is among them
(inclusion), and that a longer ledger begins with them (consistency), without seeing any other line.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(line: bytes) -> bytes:
    """Return the hash of a leaf: a ledger line without its end."""
    return sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of what is above two hashes."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf and remembers its root at every size."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self._peaks: list[tuple[int, bytes]] = []  # (number of leaves below, hash), largest first
        self._roots: list[bytes] = [EMPTY_ROOT]

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self.leaves)

    def add(self, line: bytes) -> None:
        """Append a ledger line without its end."""
        leaf = leaf_hash(line)
        self.leaves.append(leaf)
        peak = (1, leaf)
        while self._peaks and self._peaks[-1][0] == peak[0]:
            size, left = self._peaks.pop()
            peak = (2 * size, node_hash(left, peak[1]))
        self._peaks.append(peak)
        root = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            root = node_hash(left, root)
        self._roots.append(root)

    def root(self, size: int | None = None) -> bytes:
        """Return the root over all leaves, or over the first ones.

        Raises:
            IndexError: There are fewer.
        """
        return self._roots[self.size if size is None else size]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes as the RFC defines it, by halves."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of the leaf at an index, from the leaf up."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*inclusion_proof(leaves[:half], index), root_of(leaves[half:])]
    return [*inclusion_proof(leaves[half:], index - half), root_of(leaves[:half])]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the tree over all leaves begins with the tree over the first ones."""
    if old_size in (0, len(leaves)):
        return []
    return _subproof(leaves, old_size, is_whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    half = _half(len(leaves))
    if old_size <= half:
        return [*_subproof(leaves[:half], old_size, is_whole=is_whole), root_of(leaves[half:])]
    return [*_subproof(leaves[half:], old_size - half, is_whole=False), root_of(leaves[:half])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, value = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            value = node_hash(step, value)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            value = node_hash(value, step)
        number, last = number >> 1, last >> 1
    return last == 0 and value == root


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Check a consistency proof (RFC 9162, section 2.1.4.2)."""
    if old_size > size or old_size < 0:
        return False
    if old_size in (0, size):
        return not proof and (old_root == (EMPTY_ROOT if old_size == 0 else root))
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    number, last = old_size - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old_value = value = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old_value, value = node_hash(step, old_value), node_hash(step, value)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            value = node_hash(value, step)
        number, last = number >> 1, last >> 1
    return last == 0 and old_value == old_root and value == root


def _half(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return int(1 << ((size - 1).bit_length() - 1))
