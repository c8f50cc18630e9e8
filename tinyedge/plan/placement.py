# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives every activation an offset in one arena, as low as a search can.

Two activations that live at the same time are kept apart, except that an operator's output may trail over
an input that dies there: below it at the distance that the operator states (`Operator.distance`), or above it
when the operator can work backwards (`Operator.rise`), so that a chain in place need not drift. Beside it
stands a bound that no placement can beat.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tinyedge import ops
from tinyedge.graph import Graph, Op
from tinyedge.plan import packing
from tinyedge.plan.packing import Buffer, Gap, Trails


@dataclass(frozen=True)
class Placement:
    """Arena offsets in bytes by tensor name, the arena's size, and a size that no placement can beat.

    `backwards` are the names of operators that must work from their last output to their first; `scratch` has
    the offsets of an operator's scratch, by the operator's name and its own.
    """

    offsets: Mapping[str, int]
    size: int
    lower_bound: int
    backwards: frozenset[str]
    scratch: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


Scratches = Mapping[str, Mapping[str, int]]
"""Bytes by an operator's name and its scratch's."""


def place(
    graph: Graph,
    alignment: int,
    ahead: Mapping[str, int] | None = None,
    scratch: Scratches | None = None,
    share: int = 1,
) -> Placement:
    """Give every activation of `graph`, and all scratch, an offset that is a multiple of `alignment`.

    `ahead` adds bytes to the distances of operators, by name; `scratch` are theirs (see ops.Call); `share`:
    how many graphs have the work of the search between them.
    """
    ahead, scratch = ahead or {}, scratch or {}
    activations = buffers_of(graph)
    wanted = [
        (i, op.name, name, size)
        for i, op in enumerate(graph.ops)
        for name, size in scratch.get(op.name, {}).items()
    ]
    buffers = [*activations, *(Buffer((), size, i, i) for i, _, _, size in wanted)]
    trails = _trails(graph, buffers, ahead)
    bound = _lower_bound(graph, buffers, trails)
    least = _lower_bound(graph, buffers, trails, alignment)
    best = packing.search(buffers, trails, least, alignment, packing.SEARCH_PAIRS // share)
    check(buffers, trails, best)
    named = {name: start for start, buffer in zip(best, buffers, strict=True) for name in buffer.names}
    turned = frozenset(op.name for op in graph.ops if _backwards(graph, op, named, ahead))
    places: dict[str, dict[str, int]] = {}
    for (_, op_name, name, _), start in zip(wanted, best[len(activations) :], strict=True):
        places.setdefault(op_name, {})[name] = start
    offsets = {name: named[name] for name in sorted(named)}
    return Placement(offsets, packing.height(buffers, best), bound, turned, places)


def check(buffers: Sequence[Buffer], trails: Trails, offsets: Sequence[int]) -> None:
    """Raise AssertionError unless what is alive together is disjoint, or as far apart as `trails` wants."""
    olds: dict[int, list[int]] = {}
    for old, new in trails:
        olds.setdefault(new, []).append(old)
    living: list[tuple[int, int]] = []  # (offset, buffer), disjoint and sorted, so that neighbours say all
    deaths: list[tuple[int, int]] = []  # (last layer, buffer), a heap
    # A buffer with a trail comes last in its layer: what dies under it is still in the way of the others.
    for new in sorted(range(len(buffers)), key=lambda k: (buffers[k].first, k in olds)):
        buffer, start = buffers[new], offsets[new]
        dead = set(olds.get(new, ()))
        for old in dead:
            below, above = trails[old, new]
            fine = start + below <= offsets[old] or offsets[old] + above <= start
            assert fine, f"{buffers[old].names} and {buffer.names} collide"
        while deaths and deaths[0][0] < buffer.first:
            dead.add(heapq.heappop(deaths)[1])
        for old in dead:
            at = bisect.bisect_left(living, (offsets[old], old))
            if living[at : at + 1] == [(offsets[old], old)]:
                del living[at]
        at = bisect.bisect_left(living, (start, new))
        for other_start, other in living[max(0, at - 1) : at + 1]:
            fine = start + buffer.size <= other_start or other_start + buffers[other].size <= start
            assert fine, f"{buffers[other].names} and {buffer.names} collide"
        living.insert(at, (start, new))
        heapq.heappush(deaths, (buffer.last, new))


def overlaps_input(graph: Graph, op: Op, offsets: Mapping[str, int]) -> bool:
    """True where the output of `op` shares bytes with an activation that it reads."""
    return bool(_overlapped(graph, op, offsets))


def _backwards(graph: Graph, op: Op, offsets: Mapping[str, int], ahead: Mapping[str, int]) -> bool:
    """True where the output of `op` lies above what it reads."""
    if not op.outputs:
        return False
    target = offsets[op.outputs[0]]
    distances = {name: _distance(graph, op, name, ahead) for name in _overlapped(graph, op, offsets)}
    return any(d is None or offsets[name] - target < d for name, d in distances.items())


def _overlapped(graph: Graph, op: Op, offsets: Mapping[str, int]) -> list[str]:
    if not op.outputs:
        return []
    target = graph.output(op)
    start, end = offsets[target.name], offsets[target.name] + target.nbytes
    return [
        name
        for name in graph.activations(op)
        if start < offsets[name] + graph.tensors[name].nbytes and offsets[name] < end
    ]


def span(graph: Graph, op: Op, source: str) -> int:
    """Bytes that the output of `op` and its input `source`, which dies there, need at least."""
    new, old = graph.output(op).nbytes, graph.tensors[source].nbytes
    distance, rise = _distance(graph, op, source, {}), _rise(graph, op, source, {})
    trailing = [new if distance is None else distance, *([] if rise is None else [rise + new - old])]
    return max(new, old, old + min(trailing))


def alive(graph: Graph, scratch: Scratches) -> list[int]:
    """Bytes of the activations and of the scratch that are alive at each layer, as if nothing overlapped."""
    sizes = zip(_alive(buffers_of(graph), len(graph.ops)), graph.ops, strict=True)
    return [size + sum(scratch.get(op.name, {}).values()) for size, op in sizes]


def _alive(buffers: Sequence[Buffer], layers: int) -> list[int]:
    change = [0] * (layers + 2)
    for buffer in buffers:
        change[max(buffer.first, 0)] += buffer.size
        change[buffer.last + 1] -= buffer.size
    return list(itertools.accumulate(change))[:layers]


def describe_peak(graph: Graph, scratch: Scratches) -> str:
    """The layer at which most bytes are alive, for people."""
    sizes = alive(graph, scratch)
    peak = max(range(len(sizes)), key=sizes.__getitem__)
    # Converters list in a name all that they fused into the layer; the first says enough.
    large = [(b.names[0].split(";")[0], b.size) for b in buffers_of(graph) if b.first <= peak <= b.last]
    large += scratch.get(graph.ops[peak].name, {}).items()
    tensors = ", ".join(f"{name} {size:,}" for name, size in large)
    return f"most at layer {graph.ops[peak].name!r}: {tensors}"


def buffers_of(graph: Graph) -> list[Buffer]:
    """The activations of `graph`, those that are views of one another as one."""
    owner: dict[str, str] = {}
    for op in graph.ops:
        if ops.is_view(op.kind):
            source = graph.activations(op)[0]
            owner[op.outputs[0]] = owner.get(source, source)
    members: dict[str, dict[str, None]] = {}
    first: dict[str, int] = {}
    last: dict[str, int] = {}

    def touch(name: str, layer: int) -> None:
        root = owner.get(name, name)
        members.setdefault(root, {})[name] = None
        first.setdefault(root, layer)
        last[root] = max(last.get(root, layer), layer)

    for name in graph.inputs:
        touch(name, -1)
    for i, op in enumerate(graph.ops):
        for name in (*graph.activations(op), *op.outputs):
            touch(name, i)
    for name in graph.outputs:
        touch(name, len(graph.ops))
    return [
        Buffer(tuple(names), max(graph.tensors[n].nbytes for n in names), first[root], last[root])
        for root, names in members.items()
    ]


def _trails(graph: Graph, buffers: Sequence[Buffer], ahead: Mapping[str, int]) -> dict[tuple[int, int], Gap]:
    """Where an operator lets its output trail over an input that dies there."""
    holder = {name: k for k, buffer in enumerate(buffers) for name in buffer.names}
    trails: dict[tuple[int, int], Gap] = {}
    for i, op in enumerate(graph.ops):
        if len(op.outputs) != 1 or buffers[holder[op.outputs[0]]].first != i:
            continue
        new = holder[op.outputs[0]]
        dying: dict[int, list[str]] = {}
        for name in graph.activations(op):
            if buffers[holder[name]].last == i:
                dying.setdefault(holder[name], []).append(name)
        for old, sources in dying.items():
            below = _most([_distance(graph, op, n, ahead) for n in sources], buffers[new].size)
            above = _most([_rise(graph, op, n, ahead) for n in sources], buffers[old].size)
            if below < buffers[new].size or above < buffers[old].size:
                trails[old, new] = Gap(below, above)
    return trails


def _most(stated: Sequence[int | None], limit: int) -> int:
    known = [distance for distance in stated if distance is not None]
    return min(max(known), limit) if len(known) == len(stated) else limit


def _distance(graph: Graph, op: Op, source: str, ahead: Mapping[str, int]) -> int | None:
    stated = ops.lookup(op.kind).distance(graph, op, source) if _ordered(graph, op, source) else None
    return None if stated is None else stated + ahead.get(op.name, 0)


def _rise(graph: Graph, op: Op, source: str, ahead: Mapping[str, int]) -> int | None:
    # An operator has one direction for all that it reads.
    usable = len(graph.activations(op)) == 1 and _ordered(graph, op, source)
    stated = ops.lookup(op.kind).rise(graph, op, source) if usable else None
    return None if stated is None else stated + ahead.get(op.name, 0)


def _ordered(graph: Graph, op: Op, source: str) -> bool:
    # C lets a compiler move a load of one type across a store of another, unless one is a character type.
    types = {graph.tensors[source].dtype, graph.output(op).dtype}
    return len(types) == 1 or bool(types & {"int8", "uint8"})


def _lower_bound(graph: Graph, buffers: Sequence[Buffer], trails: Trails, alignment: int = 1) -> int:
    """Bytes that some layer needs whatever the offsets.

    At each layer the living buffers are disjoint, but the output may cover dying ones: then all of these
    together need at least what the dying need, what the newborn needs, and what it needs with each of them.
    As all start at multiples of `alignment`, each takes whole cells; the topmost need not fill its last.
    """
    cells = [replace(buffer, size=packing.up(buffer.size, alignment)) for buffer in buffers]
    covered: dict[int, int] = {}
    shared: dict[int, int] = {}
    for (old, new), gap in trails.items():
        together = min(gap.below + buffers[old].size, gap.above + buffers[new].size)
        covered[new] = covered.get(new, 0) + cells[old].size
        shared[new] = max(shared.get(new, cells[new].size), packing.up(together, alignment))
    needs = _alive(cells, len(graph.ops))
    for new, dying in covered.items():
        needs[buffers[new].first] += max(shared[new], dying) - dying - cells[new].size
    spare = np.zeros(len(needs), np.int64)
    for cell, buffer in zip(cells, buffers, strict=True):
        life = spare[max(buffer.first, 0) : buffer.last + 1]
        np.maximum(life, cell.size - buffer.size, out=life)
    least = (need - rest for need, rest in zip(needs, spare.tolist(), strict=True))
    return max([*least, *(buffer.size for buffer in buffers)], default=0)
