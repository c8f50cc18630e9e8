# SPDX-License-Identifier: Apache-2.0
"""RESIZE_BILINEAR: an image at another size, by LiteRT's integer form."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.graph import ITEM_SIZE, Array, Graph, Op
from tinyedge.ops import (
    Call,
    Case,
    Constant,
    Input,
    Operator,
    Output,
    channels,
    elementwise,
    require,
    resize,
    strided,
)

ONE = 1 << 10
"""What a pixel counts when it counts alone."""
EVEN = "resize by a power of two, or use int8"


def weights(size: int, wanted: int, align: bool, half: bool) -> Array:
    """[wanted, 3]: for every output index two of the input's and how much of ONE the second counts.

    The rule of ResizeBilinearInteger (tflite/kernels/internal/reference/resize_bilinear.h).
    """
    if align and wanted > 1:
        scale = (ONE * (size - 1) + (wanted - 1) // 2) // (wanted - 1)
    else:
        scale = (ONE * size + wanted // 2) // wanted
    place = np.arange(wanted, dtype=np.int64) * scale
    if half:
        place += scale // 2 - ONE // 2
    first = np.maximum(place // ONE, 0)
    # C's division goes towards zero, which is where both meet in what a half pixel leaves below it.
    second = np.minimum(np.maximum(place + ONE - 1, 0) // ONE, size - 1)
    second_part = np.where(first == second, 0, place - ONE * first)
    return np.stack([first, second, second_part], axis=1)


def _weights(graph: Graph, op: Op) -> tuple[Array, Array]:
    shape, align, half = graph.input(op, 0).shape, op.attrs["align"], op.attrs["half"]
    rows, columns = (
        weights(n, wanted, align, half) for n, wanted in zip(shape[1:3], op.attrs["size"], strict=True)
    )
    return rows, columns


def _is_even(graph: Graph, op: Op) -> bool:
    """Are all places multiples of 1/256? LiteRT's floats of 24 bits, and our sums, are exact then."""
    align = op.attrs["align"]
    pairs = zip(graph.input(op, 0).shape[1:3], op.attrs["size"], strict=True)
    steps = ((n - 1, wanted - 1) if align and wanted > 1 else (n, wanted) for n, wanted in pairs)
    return all(n * 128 % wanted == 0 for n, wanted in steps)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    shapes = resize.infer(graph, op, ("int8", "int16", "uint8"))
    if graph.input(op, 0).dtype == "uint8":
        require(_is_even(graph, op), graph, op, "LiteRT's kernel of uint8 computes in float", EVEN)
    both = op.attrs["align"] and op.attrs["half"]
    hint = "choose one of the two"
    require(not both, graph, op, "it aligns corners and has half-pixel centers", hint)
    inside = all(
        part[:, 0].max() < n
        for part, n in zip(_weights(graph, op), graph.input(op, 0).shape[1:3], strict=True)
    )
    hint = "resize in two steps"
    require(inside, graph, op, "LiteRT's steps of 1/1024 lead it beyond its input", hint)
    return shapes


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    batches, height, width, channels = source.shape
    params = {
        "batches": batches,
        "in_height": height,
        "in_width": width,
        "channels": channels,
        "out_height": target.shape[1],
        "out_width": target.shape[2],
    }
    rows, columns = (Constant(role, part.astype(np.int16)) for role, part in _roles(graph, op))
    arguments = (Input(source.name), rows, columns, Output(target.name))
    end = "u8" if source.dtype == "uint8" else elementwise.suffix(source)
    return (Call("resize_bilinear", f"resize_bilinear_{end}", params, arguments),)


def _roles(graph: Graph, op: Op) -> Iterator[tuple[str, Array]]:
    return zip(("rows", "columns"), _weights(graph, op), strict=True)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    given = graph.input(op, 0)
    batches, height, width, channels = given.shape
    rows, columns = _weights(graph, op)
    image = np.arange(batches) * (height * width)
    pixels = image[:, None, None] + rows[:, :1] * width + columns[:, 0]
    pixel = channels * ITEM_SIZE[given.dtype]
    return strided.trailing(pixels.reshape(-1) * pixel, pixel, at_once=False)


def cases() -> Iterator[Case]:
    yield from resize.cases("RESIZE_BILINEAR", both=False)
    yield resize.resized("RESIZE_BILINEAR", 0, (1, 4, 5, 3), (8, 10), False, True, "uint8")
    yield resize.resized("RESIZE_BILINEAR", 1, (1, 3, 5, 2), (5, 129), True, False, "uint8")
    yield resize.resized("RESIZE_BILINEAR", 2, (1, 16, 6, 2), (2, 12), False, False, "uint8")


operator = Operator(
    ("RESIZE_BILINEAR",),
    infer,
    calls,
    resize.read,
    distance=distance,
    cases=cases,
    channels=channels.POOLED,
)
