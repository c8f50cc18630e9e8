# SPDX-License-Identifier: Apache-2.0
"""What TFLM's signal operators share: options, types, and arrays that they take as constants.

They are custom operators of a .tflite, as the front ends of TFLM's speech examples have them; LiteRT has none
of them, and TFLM's own code is what they equal to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor, alike
from tinyedge.ops import require

AGAIN = "export the front end again with TFLM's signal library"
MOST = 1 << 20
"""Samples that a state may hold."""
WORD = 2**31 - 1


def option(options: Mapping[str, Any], key: str, low: int, high: int) -> int:
    """The integer `key`; raises Unsupported where it is not there or not within the limits."""
    if key not in options:
        raise Unsupported(f"its {key} is not given", AGAIN)
    value = int(options[key])
    if not low <= value <= high:
        raise Unsupported(f"its {key} is {value}", f"{low} to {high} is possible")
    return value


def arity(graph: Graph, op: Op, dtypes: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Require inputs of these types before any states, and outputs of these."""
    inputs = tuple(n for n in op.inputs if n not in graph.states)
    good = None not in inputs and (len(inputs), len(op.outputs)) == (len(dtypes), len(outputs))
    require(good, graph, op, f"it has {len(inputs)} inputs and {len(op.outputs)} outputs", AGAIN)
    found = [*(graph.input(op, i) for i in range(len(dtypes)))]
    found += [graph.output(op, i) for i in range(len(outputs))]
    for tensor, dtype in zip(found, (*dtypes, *outputs), strict=True):
        what = f"{tensor.name!r} is {tensor.dtype}, not {dtype}"
        require(tensor.dtype == dtype, graph, op, what, "tinyedge has this operator for integers")
    computed = graph.input(op, 0).data is None and bool(graph.input(op, 0).shape)
    require(computed, graph, op, "its input is a constant, or one number", AGAIN)


def constant(graph: Graph, op: Op, i: int, least: int) -> Array:
    """The data of input `i`, of at least so many elements."""
    tensor = graph.input(op, i)
    good = tensor.data is not None and tensor.size >= least
    require(good, graph, op, f"{tensor.name!r} is no constant of {least} numbers", AGAIN)
    assert tensor.data is not None
    return tensor.data.ravel()


def rows(tensor: Tensor, inner: int = 1) -> int:
    """How many there are of what the last `inner` dimensions hold."""
    return math.prod(tensor.shape[:-inner])


def source(graph: Graph, op: Op) -> Tensor:
    """The first input, of at least one dimension; for `begins`, before anything else was looked at."""
    name = op.inputs[0] if op.inputs else None
    if name is None or not graph.tensors[name].shape:
        raise Unsupported("it has no input", AGAIN)
    return graph.tensors[name]


def silence(samples: int, dtype: str = "int16") -> Array:
    """Zeros as a state, which has at least one element."""
    if samples > MOST:
        raise Unsupported(f"it keeps {samples} samples", f"{MOST} are possible")
    return alike((max(1, samples),), dtype)


def state(graph: Graph, op: Op, i: int) -> str:
    """The name of the operator's state `i`, which pass give_states gave it."""
    found = graph.states_of(op)
    require(len(found) > i, graph, op, f"it has no state, or one of more than {MOST} samples", AGAIN)
    return found[i]
