"""The tree is RFC 6962's: as the RFC says it, and as another library computes it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from voting.ledger.tree import Tree, inclusion_path, leaf_hash, node_hash, root_by_path

datas = st.lists(st.binary(max_size=4), max_size=70)


def grown(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def naive_root(leaves):
    """The definition of RFC 6962, 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def test_the_rfcs_own_example():
    """The test vectors of Certificate Transparency: the leaves "", 00 and 10."""
    leaves = [leaf_hash(bytes.fromhex(data)) for data in ("", "00", "10")]
    assert grown([]).root().hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert grown(leaves[:1]).root().hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert grown(leaves).root().hex() == (
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    )


@given(datas)
def test_the_root_is_the_definitions_and_another_librarys(data):
    leaves = [leaf_hash(one) for one in data]
    other = InmemoryTree(algorithm="sha256")
    for one in data:
        other.append_entry(one)
    assert grown(leaves).root() == naive_root(leaves) == other.get_root()


@given(datas, st.integers(0, 70))
def test_a_tree_goes_on_from_its_peaks(data, cut):
    leaves = [leaf_hash(one) for one in data]
    begun = grown(leaves[:cut])
    tree = Tree(begun.size, begun.peaks)
    for leaf in leaves[cut:]:
        tree.append(leaf)
    assert tree.root() == naive_root(leaves)
    assert len(tree.peaks) == len(leaves).bit_count()


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_a_path_leads_from_each_leaf_to_the_root_and_from_no_other(data, draw):
    leaves = [leaf_hash(one) for one in data]
    first = draw.draw(st.integers(0, len(leaves) - 1))
    index = draw.draw(st.integers(first, len(leaves) - 1))
    path = inclusion_path(index, first, grown(leaves[:first]).peaks, leaves[first:])
    root = naive_root(leaves)
    assert root_by_path(leaves[index], index, len(leaves), path) == root
    assert root_by_path(leaf_hash(b"other leaf"), index, len(leaves), path) != root
    other = InmemoryTree(algorithm="sha256")
    for one in data:
        other.append_entry(one)
    assert [leaves[index], *path] == other.prove_inclusion(index + 1, len(leaves)).path


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_a_path_too_long_too_short_or_of_another_place_is_refused(data, draw):
    leaves = [leaf_hash(one) for one in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(index, 0, [], leaves)
    with pytest.raises(ValueError, match="too long"):
        root_by_path(leaves[index], index, len(leaves), [*path, leaves[0]])
    if path:
        with pytest.raises(ValueError, match="too short"):
            root_by_path(leaves[index], index, len(leaves), path[:-1])
    with pytest.raises(ValueError, match="no such leaf"):
        root_by_path(leaves[index], len(leaves), len(leaves), path)


def test_only_the_leaves_after_the_peaks_have_a_path():
    leaves = [leaf_hash(bytes([n])) for n in range(5)]
    with pytest.raises(IndexError):
        inclusion_path(3, 4, grown(leaves[:4]).peaks, leaves[4:])


def test_peaks_must_be_as_many_as_the_size_has():
    with pytest.raises(ValueError, match="one peak"):
        Tree(3, [leaf_hash(b"")])
