# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives it with its operators in the order whose layers need the least memory.

Only a graph that branches has several orders. The search is exact as long as its work lasts: it always goes
on from the set of finished operators that was reached with least memory. It starts with a guess, which always
takes the operator that frees most, or the file's next where none frees anything.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tinyedge.graph import Graph, Op
from tinyedge.plan import placement

MOST_STEPS = 200_000
"""Operators tried behind some set of finished ones before the file's own order is kept: work, not time."""
MOST_OPERATORS = 8192
"""A larger graph keeps its order: every set of finished operators has a bit for each of them."""
LOOKED_AT = 16
"""Operators that the guess chooses from: so many that have waited longest, and as many of the newest."""


# By identity: two inputs may be alike in all of this.
@dataclass(frozen=True, eq=False)
class _Activation:
    """Bytes of an activation and its views; operators that write and read them, as bits of their numbers."""

    size: int
    writers: int
    readers: int
    given: bool
    kept: bool

    def started(self, done: int) -> bool:
        """Whether it has its bytes once the operators of `done` are finished."""
        return self.given or bool(self.writers & done)

    def alive(self, done: int) -> bool:
        """Whether these are still needed."""
        return self.started(done) and (self.kept or bool(self.readers & ~done))


@dataclass(frozen=True)
class _Layer:
    """An operator: what it reads and what it alone gives bytes, the operators it waits for and leads to.

    `spans`: of what its output may cover as it dies, the bytes that the two then need. `others`: of each
    that it reads, the other operators that do, as bits.
    """

    number: int
    reads: tuple[_Activation, ...]
    makes: tuple[_Activation, ...]
    spans: Mapping[_Activation, int]
    needs: int
    after: Sequence[int]
    others: Sequence[int]
    known: dict[int, tuple[int, int]] = field(default_factory=dict)

    def adds(self, done: int) -> tuple[int, int]:
        """Bytes that it needs wherever things lie, and that are needed after it: beyond those before it.

        What decides them is which of its inputs it is the last to read: computed once for each such set.
        """
        last, bit, left = 0, 1, ~done
        for others in self.others:
            if not others & left:
                last |= bit
            bit += bit
        found = self.known.get(last)
        if found is None:
            found = self.known[last] = self._adds(done)
        return found

    def _adds(self, done: int) -> tuple[int, int]:
        ended = done | 1 << self.number
        dying = [a for a in self.spans if not a.kept and not a.readers & ~ended]
        needed = self._overlaid(dying) - sum(a.size for a in dying)
        left = sum(a.size for a in self.makes if a.alive(ended))
        return needed, left - sum(a.size for a in self.reads if not a.alive(ended))

    def least(self) -> int:
        """Bytes that it needs in any order."""
        dying = [a for a in self.spans if not a.kept]
        return sum(a.size for a in self.reads if a not in dying) + self._overlaid(dying)

    def _overlaid(self, dying: list[_Activation]) -> int:
        born = sum(a.size for a in self.makes)
        return max([born, sum(a.size for a in dying), *(self.spans[a] for a in dying)])


@dataclass(frozen=True)
class _State:
    """Finished operators as bits, the last, what was before it, bytes still needed, what may follow."""

    done: int
    last: int
    before: _State | None
    alive: int
    ready: tuple[int, ...]


def order(graph: Graph, share: int = 1) -> Graph:
    """The graph in the best order: the file's own if none is better, or if there are too many to tell.

    `share`: how many graphs have the work of the search between them.
    """
    if len(graph.ops) > MOST_OPERATORS:
        return graph
    layers, start = _read(graph)
    peak, end = _own_peak(layers, start.alive)
    bound = _bound(layers, start, end)
    if peak <= bound:
        return graph
    best: Sequence[int] = range(len(layers))
    guess, guessed = _guess(layers, start)
    if guessed < peak:
        best, peak = guess, guessed
    if peak <= bound:
        return _ordered(graph, best)
    visited: set[int] = set()
    # Most bytes so far; operators left, so that what is as good ends soon; a state and what follows it.
    heap: list[tuple[int, int, int, _State, int]] = []
    ties = itertools.count()
    most, left, state, steps = 0, len(layers), start, 0
    while left:
        for i in state.ready:
            step = max(most, state.alive + layers[i].adds(state.done)[0])
            if step < peak:
                heapq.heappush(heap, (step, left - 1, next(ties), state, i))
        steps += len(state.ready)
        while True:
            if not heap or steps > MOST_STEPS // share:
                return _ordered(graph, best)
            most, left, _, before, last = heapq.heappop(heap)
            if before.done | 1 << last not in visited:
                break
        state = _finish(layers, before, last)
        visited.add(state.done)
    return _ordered(graph, _path(state))


def _ordered(graph: Graph, numbers: Sequence[int]) -> Graph:
    return (
        graph
        if numbers == range(len(graph.ops))
        else replace(graph, ops=tuple(graph.ops[i] for i in numbers))
    )


def _guess(layers: Sequence[_Layer], state: _State) -> tuple[list[int], int]:
    """An order without search, and the bytes that it needs."""
    peak = 0
    while state.ready:
        near = dict.fromkeys((*state.ready[-LOOKED_AT:], *state.ready[:LOOKED_AT]))
        added = {i: layers[i].adds(state.done) for i in near}
        i = min(near, key=lambda i: (min(added[i][1], 0), i))
        peak = max(peak, state.alive + added[i][0])
        state = _finish(layers, state, i)
    return _path(state), peak


def _finish(layers: Sequence[_Layer], state: _State, i: int) -> _State:
    done = state.done | 1 << i
    waiting = [j for j in layers[i].after if not layers[j].needs & ~done]
    ready = (*(j for j in state.ready if j != i), *waiting)
    return _State(done, i, state, state.alive + layers[i].adds(state.done)[1], ready)


def _path(state: _State) -> list[int]:
    path = []
    while state.before is not None:
        path.append(state.last)
        state = state.before
    return path[::-1]


def _bound(layers: Sequence[_Layer], start: _State, end: int) -> int:
    """Bytes that every order needs: for each layer alone, for any of them as the first, and as the last.

    `end`: bytes that are needed after all of them.
    """
    first = min(start.alive + layers[i].adds(0)[0] for i in start.ready)
    every = (1 << len(layers)) - 1
    last = (layer.adds(every & ~(1 << layer.number)) for layer in layers if not layer.after)
    return max(first, end + min(needed - left for needed, left in last), *(layer.least() for layer in layers))


def _own_peak(layers: Sequence[_Layer], alive: int) -> tuple[int, int]:
    """What the file's own order needs, and what is needed after it."""
    peak, done = 0, 0
    for layer in layers:
        needed, left = layer.adds(done)
        peak, alive = max(peak, alive + needed), alive + left
        done |= 1 << layer.number
    return peak, alive


def _read(graph: Graph) -> tuple[list[_Layer], _State]:
    """Every operator, and the state before all of them."""
    activations = _activations(graph)
    maker = {name: i for i, op in enumerate(graph.ops) for name in op.outputs}
    after: list[list[int]] = [[] for _ in graph.ops]
    used: dict[str, int] = {}
    layers = []
    for i, op in enumerate(graph.ops):
        sources = graph.activations(op)
        # What used a state before must have run, too; that waits for who used it before that.
        states = graph.states_of(op)
        makers = {maker[name] for name in sources if name in maker} | {used[s] for s in states if s in used}
        used |= dict.fromkeys(states, i)
        for j in makers:
            after[j].append(i)
        reads = tuple(dict.fromkeys(activations[name] for name in sources))
        makes = dict.fromkeys(activations[name] for name in op.outputs)
        layers.append(
            _Layer(
                i,
                reads,
                tuple(a for a in makes if a not in reads),
                _spans(graph, op, activations),
                sum(1 << j for j in makers),
                after[i],
                [a.readers & ~(1 << i) for a in reads],
            )
        )
    alive = sum(a.size for a in dict.fromkeys(activations.values()) if a.alive(0))
    return layers, _State(0, -1, None, alive, tuple(i for i, layer in enumerate(layers) if not layer.needs))


def _spans(graph: Graph, op: Op, activations: Mapping[str, _Activation]) -> dict[_Activation, int]:
    spans: dict[_Activation, int] = {}
    if len(op.outputs) == 1:
        for name in graph.activations(op):
            need = placement.span(graph, op, name)
            spans[activations[name]] = max(spans.get(activations[name], 0), need)
    # As the placement has it, only a single output may lie over what dies.
    return {a: span for a, span in spans.items() if span < a.size + graph.output(op).nbytes}


def _activations(graph: Graph) -> dict[str, _Activation]:
    """Every activation by its name, views by theirs."""
    writers: dict[str, int] = {}
    readers: dict[str, int] = {}
    for i, op in enumerate(graph.ops):
        for name in op.outputs:
            writers[name] = writers.get(name, 0) | 1 << i
        for name in graph.activations(op):
            readers[name] = readers.get(name, 0) | 1 << i
    inputs, outputs = set(graph.inputs), set(graph.outputs)
    found: dict[str, _Activation] = {}
    for buffer in placement.buffers_of(graph):
        whole = _Activation(
            buffer.size,
            functools.reduce(operator.or_, (writers.get(name, 0) for name in buffer.names)),
            functools.reduce(operator.or_, (readers.get(name, 0) for name in buffer.names)),
            not inputs.isdisjoint(buffer.names),
            not outputs.isdisjoint(buffer.names),
        )
        found |= dict.fromkeys(buffer.names, whole)
    return found
