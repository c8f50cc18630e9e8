# SPDX-License-Identifier: Apache-2.0
"""Takes what a model file says of an operator, raises Unsupported where it is not what any kernel does."""

from __future__ import annotations

import math

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import require

ROOM = "quantise the float model again, with `tinyedge quantize`, which leaves room for sums"
QUANTIZE = "make it integer: `--calibrate DATA`, or `tinyedge quantize MODEL --calibrate DATA -o OUT.tflite`"


def count_inputs(inputs: tuple[Tensor | None, ...], least: int, most: int) -> None:
    """Require `least` to `most` inputs, the first `least` of them present. For an operator's `read`."""
    if not least <= len(inputs) <= most or None in inputs[:least]:
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")


def quantized(graph: Graph, op: Op, tensor: Tensor, dtypes: tuple[str, ...], any_zero: bool = False) -> None:
    """Require one of `dtypes`, quantised per tensor, with a zero point within the type (0 for int16).

    `any_zero`: the kernel takes one in int16, too.
    """
    hint = QUANTIZE if tensor.dtype == "float32" else "quantise the model"
    what = f"{tensor.name!r} is {tensor.dtype}, not {' or '.join(dtypes)}"
    require(tensor.dtype in dtypes, graph, op, what, hint)
    quantization = tensor.quantization
    scales = () if quantization is None else quantization.scale
    require(bool(scales), graph, op, f"{tensor.name!r} is not quantised", "quantise the model")
    what = f"{tensor.name!r} has {len(scales)} scales, and LiteRT's kernel one for all of it"
    again = "quantise the float model again, with `tinyedge quantize`, which gives it one"
    require(len(scales) == 1, graph, op, what, again)
    low, high = (0, 0) if tensor.dtype == "int16" and not any_zero else fixedpoint.LIMITS[tensor.dtype]
    inside = low <= tensor.zero_point <= high
    require(
        inside, graph, op, f"{tensor.name!r} has zero point {tensor.zero_point}", "convert the model again"
    )


def activation(graph: Graph, op: Op, tensor: Tensor, dtypes: tuple[str, ...], any_zero: bool = False) -> None:
    """As `quantized`, and computed at run time."""
    quantized(graph, op, tensor, dtypes, any_zero)
    require(
        tensor.data is None, graph, op, f"{tensor.name!r} is a constant", "fold constants before converting"
    )


def same_quantization(graph: Graph, op: Op, a: Tensor, b: Tensor) -> None:
    """Require that numbers mean the same in `a` and `b`; scales may differ in their last digits."""
    good = math.isclose(a.scale, b.scale, rel_tol=1e-4) and a.zero_point == b.zero_point
    what = f"{a.name!r} and {b.name!r} are quantised differently"
    require(good, graph, op, what, "convert the model again; TFLite's converter gives both the same scale")


def fused(graph: Graph, op: Op, target: Tensor) -> None:
    """Require a fused activation that clamps, within what the output's scale can express."""
    try:
        fixedpoint.activation_range(op.attrs["activation"], target)
    except Unsupported as error:
        require(False, graph, op, str(error), error.hint)
