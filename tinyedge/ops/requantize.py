# SPDX-License-Identifier: Apache-2.0
"""Constants with which layers that multiply by weights bring their sums to the output's scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Output, check, require

SUM_LIMIT = 2**31 - 2**16
"""32-bit sums stay below this, so that a zero point and a rounding constant can be added."""


NOTHING = 2.0**-33
"""Any sum of 32 bits times less than this is 0, rounded once or twice (QuantizeMultiplier: below 2^-32)."""


def effective_scales(source: Tensor, weights: Tensor, target: Tensor) -> list[float]:
    """Input scale * weight scale / output scale for every weight scale, as doubles, in TFLite's order."""
    assert weights.quantization is not None
    if weights.dtype == "uint8":
        # LiteRT multiplies the scales of its uint8 kernels in float32 (GetQuantizedConvolutionMultipler).
        return [float(np.float32(source.scale) * np.float32(weights.scale)) / target.scale]
    return [source.scale * scale / target.scale for scale in weights.quantization.scale]


def convolution(
    graph: Graph,
    op: Op,
    contract: str,
    params: dict[str, int],
    held: Array,
    taps: Array,
    fold: bool = True,
) -> Call:
    """The call of a convolution kernel; its int8 weights as the kernel takes them, and [channels, taps].

    `fold`: the input's zero point goes into the bias, as if every pixel summed all taps.

    Two kernels have int16 activations: <contract>_s16 with sums of 64 bits and a 16-bit multiplier, and
    <contract>_s16_narrow, for models with an int32 bias, whose sums and rounding are those of int8.
    """
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    bias = bias_of(graph, op, len(taps))
    lowest, highest = fixedpoint.LIMITS[source.dtype]
    reach = fixedpoint.reach(taps, bias, lowest - source.zero_point, highest - source.zero_point)
    scales = effective_scales(source, weights, target)
    long = has_long_sums(graph, op)
    requantized = reduced if long else twice_rounded
    multiplier, shift, step = requantized(graph, op, scales, reach)
    folded = fold_zero_point(taps, bias, source.zero_point) if fold else bias
    return Call(
        contract,
        f"{contract}_{'s8' if source.dtype == 'int8' else 's16' if long else 's16_narrow'}",
        params | {"channel_step": step, "max_shift": int(shift.data.max())},
        (
            Input(source.name),
            Constant("weights", held, weight=True),
            Constant("bias", folded.astype(np.int64 if long else np.int32), weight=has_bias(op)),
            multiplier,
            shift,
            Output(target.name),
        ),
    )


def twice_rounded(graph: Graph, op: Op, scales: list[float], reach: Array) -> tuple[Constant, Constant, int]:
    """Multiplier int32 and shift int8 arrays for te_requantize, and the channel step.

    `reach` [channels] bounds |accumulator|; it must fit 32 bits, also after a left shift and with a zero
    point added.
    """
    pairs = [fixedpoint.quantize_multiplier(scale) for scale in scales]
    # A multiplier of 0 takes any shift: with one to the right, a layer mostly has no other.
    shifts = np.array([shift if multiplier else -1 for multiplier, shift in pairs], np.int64)
    fits = shifts.max() <= 30 and np.all(reach <= SUM_LIMIT >> np.maximum(shifts, 0))
    require(bool(fits), graph, op, "its sums do not fit 32 bits", check.ROOM)
    return _pair_arrays([multiplier for multiplier, _ in pairs], shifts)


def reduced(graph: Graph, op: Op, scales: list[float], reach: Array) -> tuple[Constant, Constant, int]:
    """As `twice_rounded`, for te_requantize_reduced: what TFLite does with 64-bit accumulators.

    The shift is the whole one, to the right, of 8 to 46 bits.
    """
    pairs = [fixedpoint.quantize_multiplier(scale) for scale in scales]
    shifts = np.array([shift for _, shift in pairs], np.int64)
    # TFLite takes sums below 2^47 and shifts below 8, and wraps a result beyond 32 bits.
    real = np.array(scales) * reach
    fits = shifts.max() < 8 and np.all(reach < 2**47) and np.all(real < SUM_LIMIT)
    require(bool(fits), graph, op, "its sums do not fit", check.ROOM)
    return _pair_arrays([fixedpoint.reduce_multiplier(multiplier) for multiplier, _ in pairs], 15 - shifts)


def once_rounded(
    scales: list[float], reach: Array, target: Tensor, low: int, high: int
) -> tuple[Constant, Constant, Constant, int]:
    """Arrays multiplier int32, its lower 32 bits uint32, shift int8, and the channel step.

    For te_requantize_once where all lower bits are 0, else te_requantize_wide. They give round(sum * scale)
    clamped to [low, high], as LiteRT computes it in double precision. Raises Unsupported where no
    integers do.
    """
    reaches = np.broadcast_to(reach, len(scales)) if len(scales) > 1 else [reach.max()]
    zero = target.zero_point

    def fit(wide: bool) -> list[fixedpoint.Fit]:
        return [
            fixedpoint.fit_multiplier(scale, int(most), low - zero, high - zero, wide)
            for scale, most in zip(scales, reaches, strict=True)
        ]

    try:
        fits = fit(wide=target.dtype == "int16")
    except Unsupported:
        # Large sums of small scale: the steps of an int8 output, too, can lie closer than 31 bits tell apart.
        fits = fit(wide=True)
    multiplier, shift, step = _pair_arrays([fit.high for fit in fits], np.array([fit.shift for fit in fits]))
    return multiplier, Constant("multiplier_low", np.array([fit.low for fit in fits], np.uint32)), shift, step


def _pair_arrays(multipliers: list[int], shifts: Array) -> tuple[Constant, Constant, int]:
    return (
        Constant("multiplier", np.array(multipliers, np.int32)),
        Constant("shift", shifts.astype(np.int8)),
        int(len(multipliers) > 1),
    )


def fold_zero_point(weights: Array, bias: Array, zero_point: int) -> Array:
    """Bias [outputs] less zero_point * (sum of weights [outputs, taps]): kernels then sum plain products."""
    folded: Array = bias.astype(np.int64) - zero_point * weights.astype(np.int64).sum(axis=1)
    return folded


def check_layer(graph: Graph, op: Op, channels: int, axis: int) -> None:
    """Require what layers of input, weights and bias need: int8 or int16 activations, int8 weights, a bias.

    The bias is int32 for int8 activations; for int16 int64, or int32 where op.attrs["bias"] says so.
    """
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    check.activation(graph, op, source, ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    check_weights(graph, op, weights, channels, axis)
    check.fused(graph, op, target)
    bias_of(graph, op, channels)


def check_weights(graph: Graph, op: Op, weights: Tensor, channels: int, axis: int) -> None:
    """Require constant int8 weights, symmetric, quantised per tensor or along `axis`; or uint8 per tensor."""
    require(
        weights.data is not None,
        graph,
        op,
        "its weights are not constant",
        "freeze the model before converting",
    )
    old = weights.dtype == "uint8" and graph.input(op, 0).dtype == "int8"
    what = f"its weights are {weights.dtype}"
    require(weights.dtype == "int8" or old, graph, op, what, "quantise the model to int8")
    quantization = weights.quantization
    require(quantization is not None, graph, op, "its weights have no scale", "quantise the model to int8")
    assert quantization is not None
    count = len(quantization.scale)
    good = count == 1 or (count == channels and quantization.axis == axis)
    require(
        good,
        graph,
        op,
        f"{count} weight scales along dimension {quantization.axis}",
        "convert the model again",
    )
    within = old and count == 1 and 0 <= weights.zero_point <= 255
    symmetric = not old and not any(quantization.zero_point)
    require(symmetric or within, graph, op, "its weights have a zero point", "convert with symmetric weights")


def read_bias_type(options: Mapping[str, Any]) -> dict[str, str]:
    """Attribute "bias": the dtype that int16 layers say their bias and accumulators have; "" is int64."""
    names = {0: "", 2: "int32", 4: "int64"}
    number = int(options.get("quantizedBiasType", 0))
    if number not in names:
        raise Unsupported(f"bias type number {number}", "convert the model again")
    return {"bias": names[number]}


def bias_of(graph: Graph, op: Op, channels: int) -> np.ndarray[Any, Any]:
    """The bias [channels] as int64; 0 where the layer has none, and where any sum of 32 bits would do.

    That is a dead channel, of weights at a scale of 1e-12 and less: its bias is often as large as 32 bits
    hold, and sums with it do not fit them.
    """
    bias = graph.optional_input(op, 2)
    if bias is None:
        return np.zeros(channels, np.int64)
    wanted = "int32" if graph.input(op, 0).dtype == "int8" else (op.attrs.get("bias") or "int64")
    good = bias.data is not None and bias.dtype == wanted and bias.shape == (channels,)
    require(
        good,
        graph,
        op,
        f"its bias is {bias.dtype} {bias.shape}",
        f"it takes a constant {wanted} [{channels}]",
    )
    assert bias.data is not None
    within = bool(np.all(np.abs(bias.data.astype(np.float64)) < 2**47))
    require(within, graph, op, "its bias exceeds 47 bits", check.ROOM)
    values = bias.data.astype(np.int64)
    if wanted == "int32":
        scales = effective_scales(graph.input(op, 0), graph.input(op, 1), graph.output(op))
        values = np.where(np.array(scales) < NOTHING, 0, values)
    return values


def has_long_sums(graph: Graph, op: Op) -> bool:
    """Whether LiteRT sums in 64 bits: for int16, but where the file says otherwise."""
    return graph.input(op, 0).dtype == "int16" and op.attrs.get("bias") != "int32"


def has_bias(op: Op) -> bool:
    """Whether the model file holds a bias for this layer."""
    return len(op.inputs) > 2 and op.inputs[2] is not None
