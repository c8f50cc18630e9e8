# SPDX-License-Identifier: Apache-2.0
"""Takes the calls of a plan, gives the copies of kernels that several of them share.

Optimised for speed every call has a copy of its own, in which all parameters are constants. For size, calls
of one kernel share a copy: what is equal in all of them is a constant there too, and so takes neither flash
nor time, and only what differs is read. A copy that has to read its shape is as large as several that know
theirs, so few shapes have a copy each.

Balanced, that goes for layers with little work. Of those that most work is in every shape has a copy, which
layers of that shape share.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyedge import ops
from tinyedge.graph import Graph, Op
from tinyedge.ops import Call
from tinyedge.options import Optimize

Value = int | tuple[int, ...]
Place = tuple[int, int]
"""A call: its layer's number, and its own in that."""
HOT = 128
"""What part of all work makes equal layers some of those that most of it is in."""
ELEMENT = 8
"""Multiply-accumulates that take as long as one element of a pool or of a sum, about."""
MANY = 4
"""From how many shapes on one copy for all of them is smaller than one for each."""
_READ = frozenset({"in_zero_point", "out_zero_point", "out_min", "out_max", "line_left", "line_right"})
"""Parameters of no shape, which kernels use in few places: no copy is made for their sake."""
_BOUNDS = frozenset({"max_shift"})
"""Parameters that bound others: the largest of several calls is right for all of them."""


@dataclass(frozen=True)
class Own:
    """A parameter that each call of a copy has its own value of.

    laid: whether it is one of the layout's and not of the operator's; byte: the type of one byte that holds
    all of its values, None where none does; count: of an array's elements, else None.
    """

    name: str
    laid: bool
    byte: str | None
    count: int | None


@dataclass(frozen=True)
class Copy:
    """One copy of a kernel, which `calls` share."""

    calls: tuple[Place, ...]
    own: tuple[Own, ...]


def work(graph: Graph, op: Op) -> int:
    """Multiply-accumulates of an operator, or what its elements come to where it has none."""
    elements = sum(graph.tensors[name].size for name in graph.activations(op))
    known = ops.lookup(op.kind)
    return known.effort * known.macs(graph, op) or ELEMENT * elements


def small(
    layers: Mapping[str, Sequence[Call]], work: Mapping[str, int], optimize: Optimize
) -> frozenset[str]:
    """The names of layers, of all by their calls and work, whose code is to be small rather than fast.

    Equal layers count as one, since they are one copy of a kernel.
    """
    if optimize != "balanced":
        return frozenset(layers if optimize == "size" else ())
    total = sum(work.values())
    shapes = {name: tuple((_kind(call), _shape(call)) for call in calls) for name, calls in layers.items()}
    done: Counter[object] = Counter()
    for name, shape in shapes.items():
        done[shape] += work[name]
    return frozenset(name for name, shape in shapes.items() if done[shape] * HOT < total)


def copies(layers: Sequence[Sequence[Call]], small: Sequence[bool]) -> tuple[Copy, ...]:
    """The copies that several calls share, of layers of which those in `small` need small code.

    A call that is in none has one of its own.
    """
    kinds: dict[tuple[bool, object], dict[object, list[Place]]] = {}
    for layer, calls in enumerate(layers):
        for number, call in enumerate(calls):
            shapes = kinds.setdefault((small[layer], _kind(call)), {})
            shapes.setdefault(_shape(call), []).append((layer, number))
    shared: list[list[Place]] = []
    for (few, _), shapes in kinds.items():
        every = list(shapes.values())
        shared += [sorted(itertools.chain(*every))] if few and len(every) >= MANY else every
    return tuple(
        Copy(tuple(places), _own([layers[layer][number] for layer, number in places]))
        for places in sorted(shared)
        if len(places) > 1
    )


def groups(copies: Sequence[Copy], layers: Sequence[int]) -> list[frozenset[int]]:
    """The layers of these numbers in groups that share no copy with another, in the order of their first."""
    found = {layer: frozenset({layer}) for layer in layers}
    for copy in copies:
        joined = frozenset[int]().union(*(found[layer] for layer, _ in copy.calls))
        found |= dict.fromkeys(joined, joined)
    return list(dict.fromkeys(found[layer] for layer in layers))


def _kind(call: Call) -> object:
    arrays = tuple(name for name, value in call.params.items() if isinstance(value, tuple))
    return call.isa, call.kernel, call.laid is None, arrays


def _shape(call: Call) -> object:
    read = _READ | _BOUNDS
    return tuple(
        tuple(sorted((name, value) for name, value in given(call, laid).items() if name not in read))
        for laid in (False, True)
    )


def given(call: Call, laid: bool) -> Mapping[str, Value]:
    """The parameters of the call, or those that its layout added."""
    return (call.laid or {}) if laid else call.params


def fields(calls: Sequence[Call], laid: bool) -> dict[str, tuple[Value, ...]]:
    """Every field that some of the calls set, of the operator's parameters or of the layout's: its values.

    What bounds others has one value for all.
    """
    each = [given(call, laid) for call in calls]
    names = dict.fromkeys(name for params in each for name in params)
    found = {name: tuple(params.get(name, 0) for params in each) for name in names}
    return {name: (max(of),) * len(of) if name in _BOUNDS else of for name, of in found.items()}


def _own(calls: Sequence[Call]) -> tuple[Own, ...]:
    """What differs between calls, the largest first, so that nothing is padded."""
    found = [
        Own(name, laid, _byte(values), len(values[0]) if isinstance(values[0], tuple) else None)
        for laid in (False, True)
        for name, values in fields(calls, laid).items()
        if len(set(values)) > 1
    ]
    return tuple(sorted(found, key=lambda own: own.byte is not None))


def _byte(values: Sequence[Value]) -> str | None:
    every = [number for value in values for number in (value if isinstance(value, tuple) else (value,))]
    low, high = min(every), max(every)
    return "uint8_t" if low >= 0 and high < 256 else "int8_t" if low >= -128 and high < 128 else None
