# SPDX-License-Identifier: Apache-2.0
"""What operators know of channels, the indices of a tensor's last dimension, and which of them they need.

From that passes/leave_out_channels.py makes a graph without channels that nobody needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Graph, Op, Tensor

Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Range:
    """The least and the largest quantised value that each channel can have; [channels]."""

    low: Ints
    high: Ints

    @property
    def fixed(self) -> Bools:
        """Which channels have one value, whatever the model is given."""
        same: Bools = self.low == self.high
        return same

    def clipped(self, low: int, high: int) -> Range:
        """Of the values once they are clamped."""
        return Range(np.clip(self.low, low, high), np.clip(self.high, low, high))

    def joined(self, other: int) -> Range:
        """With one more value for every channel."""
        return Range(np.minimum(self.low, other), np.maximum(self.high, other))


Ranges = Mapping[str, Range]
"""By activation; of all that are computed so far."""
Kept = Mapping[str, Bools]
"""Which channels of an activation are computed, by its name; False only where all users can do without."""


@dataclass(frozen=True)
class Cut:
    """What an operator becomes without some channels: constants by their place in its inputs; attributes."""

    constants: Mapping[int, Tensor] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)


def _unknown(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    return None


def _as_it_is(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Cut:
    return Cut()


@dataclass(frozen=True)
class Channels:
    """An operator of one output.

    kept     (graph, op, ranges, kept) -> kept, of this operator's activations alone: more than before, where
             channels that are kept need others, or must stay beside them; None where it needs all there are
    range    (graph, op, ranges of its inputs) -> what its output's channels can be; None: anything
    cut      (graph, op, ranges, kept) -> the operator without the channels that are not kept
    apart    each output needs inputs of its own, and no other output: `kept` is asked for new ones alone
    """

    kept: Callable[[Graph, Op, Ranges, Kept], Kept | None]
    range: Callable[[Graph, Op, Ranges], Range | None] = _unknown
    cut: Callable[[Graph, Op, Ranges, Kept], Cut] = _as_it_is
    apart: bool = False


def anything(tensor: Tensor) -> Range | None:
    """All values of an activation's type; None for a type that is not quantised."""
    if tensor.quantization is None or tensor.dtype not in ("int8", "int16") or not tensor.shape:
        return None
    low, high = fixedpoint.LIMITS[tensor.dtype]
    count = tensor.shape[-1]
    return Range(np.broadcast_to(np.int64(low), count), np.broadcast_to(np.int64(high), count))


def alike(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    """Kept of an operator whose activations have the same channels, none of which meets another."""
    names = (*graph.activations(op), op.outputs[0])
    if len({kept[name].size for name in names}) > 1:
        return None
    every: Bools = np.logical_or.reduce([kept[name] for name in names])
    return dict.fromkeys(names, every)


def clamped(graph: Graph, op: Op, ranges: Ranges, low: int, high: int) -> Range | None:
    """Range of an operator that clamps its input; None where it changes its scale, too."""
    source = graph.input(op, 0)
    same = source.quantization == graph.output(op).quantization
    return ranges[source.name].clipped(low, high) if same else None


def _pooled(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    limits = fixedpoint.activation_range(op.attrs.get("activation", 0), graph.output(op))
    return clamped(graph, op, ranges, *limits)


ELEMENTWISE = Channels(alike)
"""For operators whose inputs are activations, or constants that are not per channel."""
POOLED = Channels(alike, _pooled)
"""For operators that give each channel something between its least and its largest value, then clamp it."""


def _elementwise_kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    count = kept[op.outputs[0]].size
    constants = [graph.tensors[n] for n in op.inputs if n is not None and graph.tensors[n].data is not None]
    if any(tensor.shape[-1:] not in ((), (1,), (count,)) for tensor in constants):
        return None
    return alike(graph, op, ranges, kept)


def _elementwise_cut(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Cut:
    chosen = kept[op.outputs[0]]
    constants = {
        i: slice_of(graph.tensors[name], chosen)
        for i, name in enumerate(op.inputs)
        if name is not None
        and graph.tensors[name].data is not None
        and graph.tensors[name].shape[-1:] == (chosen.size,)
        and chosen.size > 1
    }
    return Cut(constants)


OPERANDS = Channels(_elementwise_kept, cut=_elementwise_cut)
"""For operators with operands that are broadcast, some of which may be constants."""


def slice_of(tensor: Tensor, chosen: Bools, axis: int = -1) -> Tensor:
    """A constant with the chosen indices of a dimension, and their scales where each has its own."""
    assert tensor.data is not None
    data = np.compress(chosen, tensor.data, axis)
    quantization = tensor.quantization
    if quantization is not None and len(quantization.scale) > 1 and quantization.axis == axis % data.ndim:
        pick = np.flatnonzero(chosen)
        quantization = replace(
            quantization,
            scale=tuple(quantization.scale[i] for i in pick),
            zero_point=tuple(quantization.zero_point[i] for i in pick),
        )
    return replace(tensor, shape=data.shape, data=data, quantization=quantization)
