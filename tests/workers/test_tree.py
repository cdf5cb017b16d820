"""The fixed tree against its definition, for any K and any way of dealing the leaves to workers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import BackendError, SettingError
from lab.models.nn4 import NN4
from lab.workers import Round, make_workers
from lab.workers.team import Team
from lab.workers.tree import TreeSum


def by_definition(leaves):
    """for s = 1, 2, 4, ...: g[i] += g[i + s] where i mod 2s = 0 and i + s < K"""
    g = [leaf.copy() for leaf in leaves]
    s = 1
    while s < len(g):
        for i in range(0, len(g), 2 * s):
            if i + s < len(g):
                g[i] += g[i + s]
        s *= 2
    return g[0]


def collected(leaves, blocks, pool):
    """The sum as workers make it: each its own tree, met from left to right."""
    trees = []
    for block in blocks:
        tree = TreeSum(leaves[0].size, leaves[0].dtype, pool)
        for k in block:
            leaf = tree.leaf()
            leaf[:] = leaves[k]
            tree.push(k, leaf)
        trees.append(tree)
    first = trees[0]
    for tree in trees[1:]:
        for node in tree.nodes:
            first.push(node.start, node.vector, node.size)
    return first


@given(K=st.integers(1, 64), workers=st.integers(1, 70), seed=st.integers(0, 99))
def test_every_number_of_workers_gives_the_same_bits(K, workers, seed):
    leaves = list(np.random.default_rng(seed).standard_normal((K, 5)).astype(np.float32) * 10.0 ** (seed % 7))
    task = Round(None, None, None, np.arange(K), 0, K)  # type: ignore[arg-type]
    tree = collected(leaves, task.blocks(workers), [])
    assert tree.total().tobytes() == by_definition(leaves).tobytes()


def test_another_order_of_adding_gives_other_bits():
    """The test above can fail: plain addition from left to right is a different sum."""
    leaves = list(np.random.default_rng(0).standard_normal((13, 500)).astype(np.float32))
    plain = leaves[0].copy()
    for leaf in leaves[1:]:
        plain += leaf
    assert plain.tobytes() != by_definition(leaves).tobytes()


@given(K=st.integers(1, 64))
def test_memory_is_logarithmic_in_K(K):
    pool = []
    tree = TreeSum(1, np.float64, pool)
    alive = 0
    for k in range(K):
        leaf = tree.leaf()
        leaf[:] = 1
        tree.push(k, leaf)
        alive = max(alive, len(tree.nodes) + len(pool))
    assert tree.total()[0] == K
    assert alive <= int(np.log2(K)) + 2


@pytest.mark.parametrize("K", [1, 2, 4, 7, 16, 37])
@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_no_overlap_of_workers_needs_a_vector_that_the_pool_lacks(K, count):
    net = NN4((12, 6, 5, 4, 3))
    team, task = Team(count), Round(net, None, None, np.arange(K), 0, K)  # type: ignore[arg-type]
    team.prepare(task)
    ready = {id(vector) for vector in team._pool}
    written = []
    for turn in range(K):  # all workers write their next leaf before any of them adds its own
        blocks = task.blocks(count)
        open_leaves = [
            (member.tree, blocks[member.number][turn], member.tree.leaf())
            for member in team.members
            if turn < len(blocks[member.number])
        ]
        for tree, k, leaf in open_leaves:
            leaf[:] = k
            written.append(id(leaf))
            tree.push(k, leaf)
    assert len(written) == K
    assert set(written) <= ready


@given(samples=st.integers(1, 500), data=st.data())
def test_shards_are_the_parts_of_array_split(samples, data):
    K = data.draw(st.integers(1, samples))
    task = Round(None, None, None, np.arange(samples), 0, K)  # type: ignore[arg-type]
    parts = [np.arange(*task.bounds(k)) for k in range(K)]
    for part, expected in zip(parts, np.array_split(np.arange(samples), K), strict=True):
        assert np.array_equal(part, expected)


@given(K=st.integers(1, 64), workers=st.integers(1, 70))
def test_blocks_cover_the_shards_in_order(K, workers):
    task = Round(None, None, None, np.arange(K), 0, K)  # type: ignore[arg-type]
    blocks = task.blocks(workers)
    assert len(blocks) == workers
    assert [k for block in blocks for k in block] == list(range(K))


@pytest.mark.parametrize("name", ["thread:2", "mpi", "", "serial:2", None])
def test_unknown_workers_are_refused(name):
    with pytest.raises(BackendError, match="threads:P"):
        make_workers(name)


@pytest.mark.parametrize("count", ["0", "65", "-1", "two", "1.5", ""])
def test_numbers_of_workers_are_checked(count):
    with pytest.raises(SettingError, match="from 1 to 64"):
        make_workers(f"threads:{count}")


@pytest.mark.parametrize("inputs", [6, 6000])  # gathering is told apart where it takes more than microseconds
def test_a_round_is_reported_by_shard_and_worker(inputs):
    net = NN4((inputs, 50, 4, 3, 2), dtype="float64")
    x, y = np.random.default_rng(0).random((40, inputs)), np.arange(40) % 2
    team = make_workers("threads:3")
    work = team.gradients(Round(net, x, y, np.arange(40), 0, 7))
    try:
        while True:
            next(work)
    except StopIteration as end:
        outcome = end.value
    finally:
        team.close()
    assert [report.shard for report in outcome.reports] == list(range(7))
    assert [report.worker for report in outcome.reports] == [0, 0, 0, 1, 1, 2, 2]
    assert [report.samples for report in outcome.reports] == [6, 6, 6, 6, 6, 5, 5]
    assert all(report.compute > 0 and report.start >= 0 for report in outcome.reports)
    assert all((report.copy_in > 0) == (inputs > 6) for report in outcome.reports)
    waits = [report.wait for report in outcome.reports]
    assert min(waits) == 0
    assert waits[0] == waits[1] == waits[3] == waits[5] == 0  # only a worker's last shard can wait
    assert min(waits[2], waits[4], waits[6]) == 0  # the slowest does not wait
    assert outcome.loss == pytest.approx(sum(r.loss * r.samples for r in outcome.reports) / 40)
