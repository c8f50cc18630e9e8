# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives every activation an offset in one arena, as low as a search can.

Two activations that live at the same time are kept apart, except that an operator's output may trail over
an input that dies there: below it at the distance that the operator states (`Operator.distance`), or above it
when the operator can work backwards (`Operator.rise`), so that a chain in place need not drift. Beside it
stands a bound that no placement can beat.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tinyedge import ops
from tinyedge.graph import Graph, Op

SEARCH_STEPS = 400
"""Placements that are tried, in a fixed order, after the heuristics and before giving up on the bound ..."""
SEARCH_PAIRS = 2_000_000
"""... and pairs of buffers that are looked at meanwhile, which keeps large graphs below a second."""


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


@dataclass(frozen=True)
class Buffer:
    """Bytes that one activation and its views share, from layer `first` (-1: model input) to layer `last`.

    An operator's scratch has no names: no layer reads or writes it but its own.
    """

    names: tuple[str, ...]
    size: int
    first: int
    last: int


class Gap(NamedTuple):
    """The newer buffer starts `below` bytes or more below the older one's start, or `above` or more above."""

    below: int
    above: int


Scratches = Mapping[str, Mapping[str, int]]
"""Bytes by an operator's name and its scratch's."""

Apart = Mapping[tuple[int, int], Gap]
"""What must hold between buffers that are alive together, by (older, newer)."""


def place(
    graph: Graph,
    alignment: int,
    ahead: Mapping[str, int] | None = None,
    scratch: Scratches | None = None,
) -> Placement:
    """Give every activation of `graph`, and all scratch, an offset that is a multiple of `alignment`.

    `ahead` adds bytes to the distances of operators, by name; `scratch` are theirs (see ops.Call).
    """
    ahead, scratch = ahead or {}, scratch or {}
    activations = buffers_of(graph)
    wanted = [
        (i, op.name, name, size)
        for i, op in enumerate(graph.ops)
        for name, size in scratch.get(op.name, {}).items()
    ]
    buffers = [*activations, *(Buffer((), size, i, i) for i, _, _, size in wanted)]
    apart = _gaps(graph, buffers, ahead)
    bound = _lower_bound(graph, buffers, apart)
    best: list[int] | None = None
    best_size = 0
    near = _neighbours(buffers, apart)
    for order in _orders(buffers, min(SEARCH_STEPS, SEARCH_PAIRS // (len(apart) + 1))):
        offsets = _pack(buffers, near, order, alignment)
        size = max(start + buffer.size for start, buffer in zip(offsets, buffers, strict=True))
        if best is None or size < best_size:
            best, best_size = offsets, size
        if best_size <= bound:
            break
    assert best is not None
    check(buffers, apart, best)
    named = {name: start for start, buffer in zip(best, buffers, strict=True) for name in buffer.names}
    turned = frozenset(op.name for op in graph.ops if _backwards(graph, op, named, ahead))
    places: dict[str, dict[str, int]] = {}
    for (_, op_name, name, _), start in zip(wanted, best[len(activations) :], strict=True):
        places.setdefault(op_name, {})[name] = start
    return Placement({name: named[name] for name in sorted(named)}, best_size, bound, turned, places)


def check(buffers: Sequence[Buffer], apart: Apart, offsets: Sequence[int]) -> None:
    """Raise AssertionError unless every pair keeps its distance."""
    for (old, new), gap in apart.items():
        below = offsets[new] + gap.below <= offsets[old]
        above = offsets[old] + gap.above <= offsets[new]
        assert below or above, f"{buffers[old].names} and {buffers[new].names} collide"


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
    buffers = buffers_of(graph)
    return [
        sum(b.size for b in buffers if b.first <= i <= b.last) + sum(scratch.get(op.name, {}).values())
        for i, op in enumerate(graph.ops)
    ]


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
        if ops.lookup(op.kind).calls is None:
            source = graph.activations(op)[0]
            owner[op.outputs[0]] = owner.get(source, source)
    members: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    last: dict[str, int] = {}

    def touch(name: str, layer: int) -> None:
        root = owner.get(name, name)
        group = members.setdefault(root, [])
        if name not in group:
            group.append(name)
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


def _gaps(graph: Graph, buffers: Sequence[Buffer], ahead: Mapping[str, int]) -> dict[tuple[int, int], Gap]:
    """Sizes keep buffers that are alive together apart; an operator lets its output trail over its input."""
    apart: dict[tuple[int, int], Gap] = {}
    for old, new in itertools.permutations(range(len(buffers)), 2):
        a, b = buffers[old], buffers[new]
        if (a.first, old) > (b.first, new) or a.last < b.first:
            continue
        gap = Gap(b.size, a.size)
        if a.last == b.first and 0 <= b.first < len(graph.ops):
            op = graph.ops[b.first]
            sources = [n for n in a.names if n in graph.activations(op)]
            if sources and op.outputs == b.names[:1]:
                distances = [_distance(graph, op, n, ahead) for n in sources]
                rises = [_rise(graph, op, n, ahead) for n in sources]
                gap = Gap(_most(distances, gap.below), _most(rises, gap.above))
        apart[old, new] = gap
    return apart


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


def _lower_bound(graph: Graph, buffers: Sequence[Buffer], apart: Apart) -> int:
    """Bytes that some layer needs whatever the offsets.

    At each layer the living buffers are disjoint, but the output may cover dying ones: then all of these
    together need at least what the dying need, what the newborn needs, and what it needs with each of them.
    """
    bound = max((b.size for b in buffers), default=0)
    for i in range(len(graph.ops)):
        alive = [k for k, b in enumerate(buffers) if b.first <= i <= b.last]
        newborn = [k for k in alive if buffers[k].first == i and buffers[k].names]
        if len(newborn) != 1:
            bound = max(bound, sum(buffers[k].size for k in alive))
            continue
        new = newborn[0]
        size = buffers[new].size
        covered = [
            k
            for k in alive
            if buffers[k].first < i and (apart[k, new].below < size or apart[k, new].above < buffers[k].size)
        ]
        others = sum(buffers[k].size for k in alive if k != new and k not in covered)
        together = [min(apart[k, new].below + buffers[k].size, apart[k, new].above + size) for k in covered]
        shared = max([size, sum(buffers[k].size for k in covered), *together])
        bound = max(bound, others + shared)
    return bound


def _orders(buffers: Sequence[Buffer], steps: int) -> Iterator[list[int]]:
    """Orders in which to place: what usually works, then a repeatable random search around the large ones."""
    indices = range(len(buffers))
    by_size = sorted(indices, key=lambda k: (-buffers[k].size, buffers[k].first))
    yield by_size
    yield sorted(indices, key=lambda k: (buffers[k].first, -buffers[k].size))
    yield sorted(indices, key=lambda k: (-buffers[k].last, -buffers[k].size))
    yield sorted(indices, key=lambda k: (buffers[k].first - buffers[k].last, -buffers[k].size))
    generator = random.Random(0)
    for _ in range(steps):
        order = list(by_size)
        for _ in range(generator.randint(1, 4)):
            i, j = generator.randrange(len(order)), generator.randrange(len(order))
            order.insert(i, order.pop(j))
        yield order


def _pack(
    buffers: Sequence[Buffer],
    near: Sequence[Sequence[tuple[int, int, int]]],
    order: Sequence[int],
    alignment: int,
) -> list[int]:
    """Place buffers in `order`, each at the lowest offset that its placed neighbours allow."""
    offsets = [-1] * len(buffers)
    for k in order:
        # Open intervals of offsets that a placed neighbour forbids.
        forbidden = [
            (offsets[other] + low, offsets[other] + high)
            for other, low, high in near[k]
            if offsets[other] >= 0
        ]
        start = 0
        for low, high in sorted(forbidden):
            if low < start < high:
                start = -(-high // alignment) * alignment
        offsets[k] = start
    return offsets


def _neighbours(buffers: Sequence[Buffer], apart: Apart) -> list[list[tuple[int, int, int]]]:
    """For every buffer: another, and where it must not start: an open interval seen from the other."""
    near: list[list[tuple[int, int, int]]] = [[] for _ in buffers]
    for (old, new), gap in apart.items():
        near[new].append((old, -gap.below, gap.above))
        near[old].append((new, -gap.above, gap.below))
    return near
