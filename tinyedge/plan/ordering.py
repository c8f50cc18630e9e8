# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives it with its operators in the order whose layers need the least memory.

Only a graph that branches has several orders. The search is exact: it always goes on from the set of finished
operators that was reached with least memory.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyedge.graph import Graph
from tinyedge.plan import placement

MOST_SETS = 20_000
"""Sets of finished operators that are visited before the file's own order is kept."""


@dataclass(frozen=True)
class _Activation:
    """Bytes of an activation and its views; operators that write and read them, as bits of their numbers."""

    names: tuple[str, ...]
    size: int
    writers: int
    readers: int
    given: bool
    kept: bool


def order(graph: Graph) -> Graph:
    """The graph in the best order: the file's own if none is better, or if there are too many to tell."""
    activations = _activations(graph)
    needs = [_needs(graph, i) for i in range(len(graph.ops))]
    everything = (1 << len(graph.ops)) - 1
    visited: set[int] = set()
    # Most bytes so far, operators left, so that what is as good ends soon, and the way here.
    heap: list[tuple[int, int, tuple[int, ...]]] = [(0, len(graph.ops), ())]
    while len(visited) <= MOST_SETS:
        most, left, path = heapq.heappop(heap)
        done = sum(1 << i for i in path)
        if done == everything:
            better = most < _peak(graph, activations)
            return replace(graph, ops=tuple(graph.ops[i] for i in path)) if better else graph
        if done in visited:
            continue
        visited.add(done)
        for i, need in enumerate(needs):
            if not done >> i & 1 and not need & ~done:
                step = max(most, _bytes(graph, activations, done, i))
                heapq.heappush(heap, (step, left - 1, (*path, i)))
    return graph


def _needs(graph: Graph, i: int) -> int:
    """The operators that must run before operator `i`, as bits: its sources, and whoever used its states."""
    op = graph.ops[i]
    states = set(graph.states_of(op))
    needs = 0
    for j, other in enumerate(graph.ops):
        if set(other.outputs) & set(op.inputs) or (j < i and states & set(graph.states_of(other))):
            needs |= 1 << j
    return needs


def _activations(graph: Graph) -> list[_Activation]:
    groups = [buffer.names for buffer in placement.buffers_of(graph)]
    return [
        _Activation(
            names,
            max(graph.tensors[name].nbytes for name in names),
            sum(1 << i for i, op in enumerate(graph.ops) if set(op.outputs) & set(names)),
            sum(1 << i for i, op in enumerate(graph.ops) if set(op.inputs) & set(names)),
            bool(set(graph.inputs) & set(names)),
            bool(set(graph.outputs) & set(names)),
        )
        for names in groups
    ]


def _peak(graph: Graph, activations: Sequence[_Activation]) -> int:
    return max(_bytes(graph, activations, (1 << i) - 1, i) for i in range(len(graph.ops)))


def _bytes(graph: Graph, activations: Sequence[_Activation], done: int, i: int) -> int:
    """Bytes that no placement can do without while operator `i` runs after those of `done`."""
    now = 1 << i
    op = graph.ops[i]
    total, born, covered, together = 0, 0, 0, 0
    for a in activations:
        started = a.given or a.writers & (done | now)
        if not started or not (a.kept or a.readers & ~done or a.writers & now):
            continue
        if not a.given and not a.writers & done:
            born += a.size
            continue
        sources = [name for name in a.names if name in op.inputs]
        # As the placement has it, only a single output may lie over what dies.
        dies = sources and not a.kept and a.readers & ~done == now and len(op.outputs) == 1
        span = max(placement.span(graph, op, name) for name in sources) if dies else 0
        if dies and span < a.size + graph.output(op).nbytes:
            covered += a.size
            together = max(together, span)
        else:
            total += a.size
    return total + max(born, covered, together)
