# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives every activation an offset in one arena, as low as a search can.

Two activations that live at the same time are kept apart, except that an operator's output may trail over
an input that dies there, at the distance that the operator states (`Operator.distance`). Beside it stands a
bound that no placement can beat.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tinyedge import ops
from tinyedge.graph import Graph, Op

SEARCH_STEPS = 400
"""Placements that are tried, in a fixed order, after the heuristics and before giving up on the bound."""


@dataclass(frozen=True)
class Placement:
    """Arena offsets in bytes by tensor name, the arena's size, and a size that no placement can beat."""

    offsets: Mapping[str, int]
    size: int
    lower_bound: int


@dataclass(frozen=True)
class Buffer:
    """Bytes that one activation and its views share, from layer `first` (-1: model input) to layer `last`."""

    names: tuple[str, ...]
    size: int
    first: int
    last: int


def place(graph: Graph, alignment: int) -> Placement:
    """Give every activation of `graph` an offset that is a multiple of `alignment`."""
    buffers = _buffers(graph)
    apart = _distances(graph, buffers)
    bound = _lower_bound(graph, buffers, apart)
    best: list[int] | None = None
    best_size = 0
    for order in _orders(buffers):
        offsets = _pack(buffers, apart, order, alignment)
        size = max(start + buffer.size for start, buffer in zip(offsets, buffers, strict=True))
        if best is None or size < best_size:
            best, best_size = offsets, size
        if best_size <= bound:
            break
    assert best is not None
    check(buffers, apart, best)
    named = {name: start for start, buffer in zip(best, buffers, strict=True) for name in buffer.names}
    return Placement({name: named[name] for name in sorted(named)}, best_size, bound)


def check(buffers: Sequence[Buffer], apart: Mapping[tuple[int, int], int], offsets: Sequence[int]) -> None:
    """Raise AssertionError unless every pair keeps its distance."""
    for (old, new), distance in apart.items():
        below = offsets[new] + distance <= offsets[old]
        above = offsets[old] + buffers[old].size <= offsets[new]
        assert below or above, f"{buffers[old].names} and {buffers[new].names} collide"


def overlaps_input(graph: Graph, op: Op, offsets: Mapping[str, int]) -> bool:
    """True where the output of `op` shares bytes with an activation that it reads."""
    target = graph.output(op)
    start, end = offsets[target.name], offsets[target.name] + target.nbytes
    return any(
        start < offsets[name] + graph.tensors[name].nbytes and offsets[name] < end
        for name in graph.activations(op)
    )


def alive(graph: Graph) -> list[int]:
    """Bytes of the activations that are alive at each layer, as if nothing overlapped."""
    buffers = _buffers(graph)
    return [sum(b.size for b in buffers if b.first <= i <= b.last) for i in range(len(graph.ops))]


def describe_peak(graph: Graph) -> str:
    """The layer at which most bytes are alive, for people."""
    sizes = alive(graph)
    peak = max(range(len(sizes)), key=sizes.__getitem__)
    # Converters list in a name all that they fused into the layer; the first says enough.
    large = [(b.names[0].split(";")[0], b.size) for b in _buffers(graph) if b.first <= peak <= b.last]
    tensors = ", ".join(f"{name} {size:,}" for name, size in large)
    return f"most at layer {graph.ops[peak].name!r}: {tensors}"


def _buffers(graph: Graph) -> list[Buffer]:
    owner: dict[str, str] = {}
    for op in graph.ops:
        if ops.lookup(op.kind).call is None:
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


def _distances(graph: Graph, buffers: Sequence[Buffer]) -> dict[tuple[int, int], int]:
    """For buffers alive together, (older, newer): bytes by which the newer must start below the older.

    The size of the newer keeps them apart; an operator's own distance lets its output trail over its input.
    """
    apart: dict[tuple[int, int], int] = {}
    for old, new in itertools.permutations(range(len(buffers)), 2):
        a, b = buffers[old], buffers[new]
        if (a.first, old) > (b.first, new) or a.last < b.first:
            continue
        apart[old, new] = b.size
        if a.last == b.first and 0 <= b.first < len(graph.ops):
            op = graph.ops[b.first]
            stated = [_distance(graph, op, n) for n in a.names if n in graph.activations(op)]
            known = [d for d in stated if d is not None]
            if known and len(known) == len(stated) and len(op.outputs) == 1:
                apart[old, new] = min(b.size, max(known))
    return apart


def _distance(graph: Graph, op: Op, source: str) -> int | None:
    # C lets a compiler move a load of one type across a store of another, unless one is a character type.
    types = {graph.tensors[source].dtype, graph.output(op).dtype}
    if len(types) > 1 and not types & {"int8", "uint8"}:
        return None
    return ops.lookup(op.kind).distance(graph, op, source)


def _lower_bound(graph: Graph, buffers: Sequence[Buffer], apart: Mapping[tuple[int, int], int]) -> int:
    """Bytes that some layer needs whatever the offsets.

    At each layer the living buffers are disjoint, but the newborn may cover dying ones: then all of these
    together need at least what the dying need, what the newborn needs, and what it needs with each of them.
    """
    bound = max((b.size for b in buffers), default=0)
    for i in range(len(graph.ops)):
        alive = [k for k, b in enumerate(buffers) if b.first <= i <= b.last]
        newborn = [k for k in alive if buffers[k].first == i]
        if len(newborn) != 1:
            bound = max(bound, sum(buffers[k].size for k in alive))
            continue
        new = newborn[0]
        covered = [k for k in alive if k != new and apart[k, new] < buffers[new].size]
        others = sum(buffers[k].size for k in alive if k != new and k not in covered)
        together = [max(buffers[new].size, apart[k, new] + buffers[k].size) for k in covered]
        shared = max([buffers[new].size, sum(buffers[k].size for k in covered), *together])
        bound = max(bound, others + shared)
    return bound


def _orders(buffers: Sequence[Buffer]) -> Iterator[list[int]]:
    """Orders in which to place: what usually works, then a repeatable random search around the large ones."""
    indices = range(len(buffers))
    by_size = sorted(indices, key=lambda k: (-buffers[k].size, buffers[k].first))
    yield by_size
    yield sorted(indices, key=lambda k: (buffers[k].first, -buffers[k].size))
    yield sorted(indices, key=lambda k: (-buffers[k].last, -buffers[k].size))
    yield sorted(indices, key=lambda k: (buffers[k].first - buffers[k].last, -buffers[k].size))
    generator = random.Random(0)
    for _ in range(SEARCH_STEPS):
        order = list(by_size)
        for _ in range(generator.randint(1, 4)):
            i, j = generator.randrange(len(order)), generator.randrange(len(order))
            order.insert(i, order.pop(j))
        yield order


def _pack(
    buffers: Sequence[Buffer], apart: Mapping[tuple[int, int], int], order: Sequence[int], alignment: int
) -> list[int]:
    """Place buffers in `order`, each at the lowest offset that its placed neighbours allow."""
    offsets = [-1] * len(buffers)
    for k in order:
        # Open intervals of offsets that a placed neighbour forbids.
        forbidden = []
        for other in order:
            if offsets[other] < 0:
                continue
            if (other, k) in apart:
                forbidden.append((offsets[other] - apart[other, k], offsets[other] + buffers[other].size))
            elif (k, other) in apart:
                forbidden.append((offsets[other] - buffers[k].size, offsets[other] + apart[k, other]))
        start = 0
        for low, high in sorted(forbidden):
            if low < start < high:
                start = -(-high // alignment) * alignment
        offsets[k] = start
    return offsets
