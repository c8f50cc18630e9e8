# SPDX-License-Identifier: Apache-2.0
"""Takes a legal Graph, gives one without channels that nobody needs; its outputs stay, to the bit.

A channel whose value is the same whatever the model is given (its weights are tiny, or its activation clamps
it) is not computed: who reads it has it in its bias. Nor is one that is only multiplied by weights of zero.
Training leaves many of them, mostly where a regulariser has driven the scale of a normalisation to zero.

First, forward: what can each channel be? Then, backward: which of them are needed, until that is so for both
ends of every operator? Each answers for itself alone (ops/channels.py).
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace

import numpy as np

from tinyedge import ops
from tinyedge.graph import Graph, Op, Part, Tensor, unused
from tinyedge.ops.channels import Bools, Channels, Kept, Ranges, anything

AT_MOST = 1 << 22
"""Channels of all activations together, beyond any microcontroller: more are not looked at."""

ASKED = 64
"""How often an operator is asked, on average, at most: networks settle in a few rounds. A model whose
channels need each other one by one, through all layers, stays as it is."""
AT_LEAST = 20_000
"""So often in any model: one or two seconds."""

TOGETHER = 4
"""Channels of a word. Of MLPerf Tiny's vww that makes 2.4 % fewer instructions on a Cortex-M4, and 8 % less
flash, than no rounding; 8 or 16 are slower on every core."""


def run(graph: Graph) -> Graph:
    """Leave out what can be; the graph itself where that is nothing."""
    if sum(sum(graph.tensors[name].shape[-1:]) for op in graph.ops for name in op.outputs) > AT_MOST:
        return graph
    ranges = _ranges(graph)
    kept = _kept(graph, ranges)
    if kept is None or all(chosen.all() for chosen in kept.values()):
        return graph
    return _without(graph, ranges, kept)


def _ranges(graph: Graph) -> Ranges:
    """Of every activation that is quantised to 8 or 16 bits."""
    found = {name: every for name in graph.inputs if (every := anything(graph.tensors[name])) is not None}
    for op in graph.ops:
        for name in op.outputs:
            every = anything(graph.tensors[name])
            if every is not None:
                found[name] = every
        channels = _channels(graph, op, found)
        given = None if channels is None else channels.range(graph, op, found)
        if given is not None:
            found[op.outputs[0]] = given
    return found


def _channels(graph: Graph, op: Op, ranges: Ranges) -> Channels | None:
    """What the operator knows, where it can be asked."""
    single = len(op.outputs) == 1 and not graph.states_of(op)
    if not single or not all(name in ranges for name in (*graph.activations(op), *op.outputs)):
        return None
    return ops.lookup(op.kind).channels


def _kept(graph: Graph, ranges: Ranges) -> Kept | None:
    """Those of the model's inputs and outputs, and what operators then need; None where that has no end."""
    ends = (*graph.inputs, *graph.outputs)
    kept = {name: np.full(given.low.size, name in ends) for name, given in ranges.items()}
    answered = {name: np.zeros_like(chosen) for name, chosen in kept.items()}
    if not _settle(graph, ranges, kept, answered):
        return None
    for name, chosen in kept.items():
        kept[name] = _filled(chosen)
    return kept if _settle(graph, ranges, kept, answered) else None


def _filled(chosen: Bools) -> Bools:
    """With the first of the others, up to a multiple of TOGETHER: tensors that are tied get the same ones."""
    count = int(chosen.sum())
    missing = -count % TOGETHER if count else TOGETHER
    filled = chosen.copy()
    filled[np.flatnonzero(~chosen)[:missing]] = True
    return filled


def _settle(graph: Graph, ranges: Ranges, kept: dict[str, Bools], answered: dict[str, Bools]) -> bool:
    """Ask operators what else they need, until none needs more; whether that is so before too many are asked.

    answered: by output, the channels for which its operator was asked, of those that look at each apart.
    """
    readers, makers = graph.readers(), graph.makers()
    # The last first: all who read what an operator makes have then been asked before.
    waiting = {op.name: op for op in graph.ops}
    left = ASKED * len(waiting) + AT_LEAST
    while waiting and left:
        left -= 1
        _, op = waiting.popitem()
        names = [name for name in (*graph.activations(op), *op.outputs) if name in kept]
        channels = _channels(graph, op, ranges)
        about: Kept = kept
        if channels is not None and channels.apart:
            (target,) = op.outputs
            about = ChainMap({target: kept[target] & ~answered[target]}, kept)
            answered[target] = kept[target]
        asked = None if channels is None else channels.kept(graph, op, ranges, about)
        needed = asked or {name: np.ones_like(kept[name]) for name in names}
        for name, chosen in needed.items():
            if not np.array_equal(chosen, kept[name]):
                kept[name] = chosen
                concerned = (*readers[name], *([makers[name]] if name in makers else ()))
                waiting |= {other.name: other for other in concerned if other.name != op.name}
    return not waiting


def _without(graph: Graph, ranges: Ranges, kept: Kept) -> Graph:
    tensors, made = dict(graph.tensors), []
    readers = graph.readers()
    for name, chosen in kept.items():
        if not chosen.all():
            tensors[name] = _part(graph.tensors[name], chosen)
    for op in graph.ops:
        channels = _channels(graph, op, ranges)
        names = [name for name in (*graph.activations(op), *op.outputs) if name in kept]
        if channels is None or all(kept[name].all() for name in names):
            made.append(op)
            continue
        cut = channels.cut(graph, op, ranges, kept)
        inputs = [*op.inputs, *[None] * (max(cut.constants, default=0) + 1 - len(op.inputs))]
        for place, constant in cut.constants.items():
            own = constant.name in op.inputs and len(readers[constant.name]) == 1
            name = constant.name if own else unused(constant.name, tensors)
            tensors[name] = replace(constant, name=name)
            inputs[place] = name
        made.append(replace(op, inputs=tuple(inputs), attrs={**op.attrs, **cut.attrs}))
    return replace(graph, tensors=tensors, ops=tuple(made)).pruned()


def _part(tensor: Tensor, chosen: Bools) -> Tensor:
    """An activation with the chosen channels."""
    picked = tuple(int(i) for i in np.flatnonzero(chosen))
    return replace(tensor, shape=(*tensor.shape[:-1], len(picked)), part=Part(picked, chosen.size))
