# SPDX-License-Identifier: Apache-2.0
"""What operators that slide a window share: padding, output size, and how far output may trail over input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import require

MAX_DIMENSION = 32767
"""Kernel parameters are int16."""
BLOCK = 3
"""Pixels that a kernel may make at once while it still reads the inputs of the first."""
LARGE_WINDOW = 592
"""Inputs of a window that a kernel can be relied on to have read before it writes its first output."""


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


def window_distance(graph: Graph, op: Op, source_name: str, block: int = 1) -> int | None:
    """Bytes by which the output must start below the input, pixels being written in raster order.

    When pixel t is being written, every input from the first that pixel t or a later one needs must be
    intact: D = max over t of (end of output pixel t) - (first input needed from t on). With a `block`, so
    must those of the `block` - 1 pixels before it.
    """
    source, target = graph.input(op, 0), graph.output(op)
    if source.name != source_name or op.inputs.count(source_name) != 1:
        return None
    batches, height, width, channels = target.shape
    rows = np.clip(np.arange(height) * op.attrs["stride_y"] - op.attrs["pad_y"], 0, source.shape[1] - 1)
    columns = np.clip(np.arange(width) * op.attrs["stride_x"] - op.attrs["pad_x"], 0, source.shape[2] - 1)
    pixel = rows[:, None] * source.shape[2] + columns[None, :]
    image = np.arange(batches)[:, None] * (source.shape[1] * source.shape[2])
    needed = (image + pixel.reshape(1, -1)).reshape(-1) * source.shape[3] * ITEM_SIZE[source.dtype]
    still_needed = np.minimum.accumulate(needed[::-1])[::-1]
    written = np.minimum(np.arange(block, needed.size + block), needed.size) * channels * ITEM_SIZE[target.dtype]
    return int((written - still_needed).max())
