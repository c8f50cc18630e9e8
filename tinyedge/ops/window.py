# SPDX-License-Identifier: Apache-2.0
"""What operators that slide a window share: padding, output size, and how far output may trail over input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import require

Offsets = np.ndarray[Any, np.dtype[np.int64]]

MAX_DIMENSION = 32767
"""Kernel parameters are int16."""


def span(kernel: int, dilation: int) -> int:
    """Input elements from the first tap of a window to its last."""
    return (kernel - 1) * dilation + 1


def read_window(options: Mapping[str, Any], source: Tensor, kernel: tuple[int, int]) -> dict[str, int]:
    """Stride, dilation and explicit padding of a window of `kernel` (height, width) over NHWC `source`.

    TFLite's SAME padding gives ceil(in / stride) outputs and puts the odd element after the input.
    """
    if len(source.shape) != 4:
        raise Unsupported(
            f"input of shape {source.shape}", "give it four dimensions: batch, height, width, channels"
        )
    attrs: dict[str, int] = {}
    for axis, letter, size, taps in (
        ("y", "H", source.shape[1], kernel[0]),
        ("x", "W", source.shape[2], kernel[1]),
    ):
        stride = int(options[f"stride{letter}"])
        dilation = int(options.get(f"dilation{letter}Factor", 1))
        if stride < 1 or dilation < 1 or taps < 1 or size < 1:
            raise Unsupported(f"stride {stride}, dilation {dilation}, kernel {taps} over {size} elements")
        reach = span(taps, dilation)
        if options["padding"] == 0:  # SAME
            total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        elif options["padding"] == 1:  # VALID
            total = 0
        else:
            raise Unsupported(f"padding scheme number {options['padding']}")
        attrs |= {f"stride_{axis}": stride, f"dilation_{axis}": dilation}
        attrs |= {f"pad_{axis}": total // 2, f"pad_{axis}_end": total - total // 2}
    return attrs


def window_output(graph: Graph, op: Op, kernel: tuple[int, int]) -> tuple[int, int]:
    """Output height and width; raises Unsupported where the kernels' int16 fields cannot hold the window."""
    source = graph.input(op, 0)
    most = max(
        *kernel, *(op.attrs[f"{what}_{axis}"] for what in ("stride", "dilation", "pad") for axis in "yx")
    )
    limit = f"kernel, stride, dilation and padding go up to {MAX_DIMENSION}"
    require(most <= MAX_DIMENSION, graph, op, f"its window has a dimension of {most}", limit)
    sizes = []
    for axis, size, taps in (("y", source.shape[1], kernel[0]), ("x", source.shape[2], kernel[1])):
        padded = size + op.attrs[f"pad_{axis}"] + op.attrs[f"pad_{axis}_end"]
        sizes.append((padded - span(taps, op.attrs[f"dilation_{axis}"])) // op.attrs[f"stride_{axis}"] + 1)
    require(
        min(sizes) > 0, graph, op, "its window is larger than its input", "use SAME padding or a larger input"
    )
    return sizes[0], sizes[1]


def window_params(graph: Graph, op: Op, kernel: tuple[int, int]) -> dict[str, int]:
    """The geometry fields that all window kernels share."""
    source, target = graph.input(op, 0), graph.output(op)
    return {
        "batches": source.shape[0],
        "in_height": source.shape[1],
        "in_width": source.shape[2],
        "in_channels": source.shape[3],
        "out_height": target.shape[1],
        "out_width": target.shape[2],
        "out_channels": target.shape[3],
        "kernel_height": kernel[0],
        "kernel_width": kernel[1],
        "stride_y": op.attrs["stride_y"],
        "stride_x": op.attrs["stride_x"],
        "dilation_y": op.attrs["dilation_y"],
        "dilation_x": op.attrs["dilation_x"],
        "pad_top": op.attrs["pad_y"],
        "pad_left": op.attrs["pad_x"],
    }


def window_distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Bytes by which the output must start below the input, pixels being written in raster order.

    When pixel t is being written, every input from the first that pixel t or a later one needs must be
    intact: D = max over t of (end of output pixel t) - (first input needed from t on).
    """
    if op.inputs.count(source_name) != 1 or op.inputs[0] != source_name:
        return None
    first, _ = _inputs_of_pixels(graph, op)
    return distance_of(first, graph.output(op))


def distance_of(first: Offsets, target: Tensor) -> int:
    """The distance for output pixels whose inputs begin at the byte offsets `first`, in raster order."""
    still_needed = np.minimum.accumulate(first[::-1])[::-1]
    written = np.arange(1, first.size + 1) * _pixel_bytes(target)
    return int((written - still_needed).max())


def window_rise(graph: Graph, op: Op, source_name: str) -> int | None:
    """Bytes by which the output must start above the input, pixels being written from the last to the first.

    When pixel t is being written, every input up to the last that pixel t or an earlier one needs must be
    intact: R = max over t of (end of inputs needed up to t) - (start of output pixel t).
    """
    if op.inputs.count(source_name) != 1 or op.inputs[0] != source_name:
        return None
    _, last = _inputs_of_pixels(graph, op)
    return rise_of(last, graph.output(op))


def rise_of(last: Offsets, target: Tensor) -> int:
    """The rise for output pixels whose inputs end at the byte offsets `last`, in raster order."""
    still_needed = np.maximum.accumulate(last)
    written = np.arange(last.size) * _pixel_bytes(target)
    return int((still_needed - written).max())


def _pixel_bytes(tensor: Tensor) -> int:
    return tensor.shape[3] * ITEM_SIZE[tensor.dtype]


def _inputs_of_pixels(graph: Graph, op: Op) -> tuple[Offsets, Offsets]:
    """For every output pixel in raster order: offset in bytes of its first input, and of its last one's end.

    Both are bounds: what a window has outside the input counts as the nearest row and column inside.
    """
    source, target = graph.input(op, 0), graph.output(op)
    kernel = op.attrs["kernel"] if "kernel" in op.attrs else graph.input(op, 1).shape[1:3]
    ends = []
    for last in (False, True):
        rows, columns = (
            np.clip(
                np.arange(target.shape[axis]) * op.attrs[f"stride_{letter}"]
                - op.attrs[f"pad_{letter}"]
                + last * (span(kernel[axis - 1], op.attrs[f"dilation_{letter}"]) - 1),
                0,
                source.shape[axis] - 1,
            )
            for axis, letter in ((1, "y"), (2, "x"))
        )
        ends.append(pixel_offsets(source, rows, columns, last))
    return ends[0], ends[1]


def pixel_offsets(source: Tensor, rows: Offsets, columns: Offsets, end: bool) -> Offsets:
    """Byte offsets in `source` where the pixels at `rows` x `columns` of every image begin, or `end`."""
    image = np.arange(source.shape[0]) * (source.shape[1] * source.shape[2])
    pixel = image[:, None, None] + rows[:, None] * source.shape[2] + columns + end
    return pixel.reshape(-1) * _pixel_bytes(source)
