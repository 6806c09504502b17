import pytest

from siu.audit.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    root_of,
)

SIZES = range(1, 40)
KNOWN = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
"""Root over the leaves "" and 00 in the test data of the reference implementation."""


def tree(size: int) -> Tree:
    grown = Tree()
    for number in range(size):
        grown.add(str(number).encode())
    return grown


def test_roots_are_those_of_the_reference_implementation() -> None:
    """Certificate Transparency's own test vectors."""
    grown = Tree()
    assert grown.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for leaf, root in (
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"\x00", KNOWN),
    ):
        grown.add(leaf)
        assert grown.root().hex() == root


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_remembers_its_root_at_every_size(size: int) -> None:
    grown = tree(size)
    assert grown.root(0) == EMPTY_ROOT
    for earlier in range(1, size + 1):
        assert grown.root(earlier) == root_of(grown.leaves[:earlier])


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_shown_to_be_included_and_no_other(size: int) -> None:
    grown = tree(size)
    for index, leaf in enumerate(grown.leaves):
        proof = inclusion_proof(grown.leaves, index)
        assert is_included(leaf, index, size, proof, grown.root())
        assert not is_included(leaf, index, size, [*proof, leaf], grown.root())
        assert not is_included(b"\0" * 32, index, size, proof, grown.root())
        if proof:
            assert not is_included(leaf, index, size, proof[:-1], grown.root())
    assert not is_included(grown.leaves[0], size, size, [], grown.root())


@pytest.mark.parametrize("size", SIZES)
def test_every_earlier_tree_is_shown_to_be_the_beginning_and_no_other(size: int) -> None:
    grown = tree(size)
    for old in range(size + 1):
        proof = consistency_proof(grown.leaves, old)
        assert is_consistent(old, grown.root(old), size, grown.root(), proof)
        assert not is_consistent(old, b"\0" * 32, size, grown.root(), proof)
        assert not is_consistent(old, grown.root(old), size, grown.root(), [*proof, b"\0" * 32])
    assert not is_consistent(size + 1, grown.root(), size, grown.root(), [])
