# SPDX-License-Identifier: Apache-2.0
"""Arena placement: nothing collides, outputs trail over inputs as far as is safe, bounds are bounds."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import window
from tinyedge.plan import packing, placement

QUANTIZED = Quantization((0.1,), (0,))


def activation(name: str, shape: tuple[int, ...]) -> Tensor:
    return Tensor(name, shape, "int8", QUANTIZED)


def convolution(name: str, source: str, target: str) -> Op:
    attrs = {"stride_y": 1, "stride_x": 1, "dilation_y": 1, "dilation_x": 1, "kernel": (3, 3)}
    attrs |= {"pad_y": 1, "pad_y_end": 1, "pad_x": 1, "pad_x_end": 1, "activation": 0}
    return Op("conv_2d", name, (source, None), (target,), attrs)


def graph(tensors: list[Tensor], ops: list[Op], inputs: list[str], outputs: list[str]) -> Graph:
    return Graph("g", {t.name: t for t in tensors}, tuple(ops), tuple(inputs), tuple(outputs))


def test_a_chain_of_convolutions_needs_little_more_than_its_largest_activation() -> None:
    shape = (1, 16, 16, 8)
    names = ["a", "b", "c", "d"]
    ops = [convolution(f"conv_{n}", s, n) for s, n in itertools.pairwise(names)]
    g = graph([activation(n, shape) for n in names], ops, ["a"], ["d"])
    placed = placement.place(g, 4)
    # A 3x3 window reaches one row and one pixel up; the pixel being written comes on top.
    trail = 16 * 8 + 2 * 8
    assert placed.size == placed.lower_bound == 16 * 16 * 8 + trail
    # Down, up and down again (or the other way): a chain needs the distance once.
    turns = [op.name in placed.backwards for op in ops]
    assert turns[0] != turns[1] != turns[2]
    # A kernel that makes three pixels at once writes two of them early.
    assert placement.place(g, 4, {op.name: 16 for op in ops}).size == placed.size + 16


def test_scratch_is_apart_from_all_that_lives_and_an_output_still_trails() -> None:
    shape = (1, 16, 16, 8)
    ops = [convolution("one", "a", "b"), convolution("two", "b", "c")]
    g = graph([activation(n, shape) for n in "abc"], ops, ["a"], ["c"])
    without = placement.place(g, 4)
    scratch = {"one": {"x": 30}, "two": {"x": 10, "y": 50}}
    placed = placement.place(g, 4, None, scratch)
    for op in ops:
        activations = [(placed.offsets[n], 16 * 16 * 8) for n in (str(op.inputs[0]), *op.outputs)]
        own = [(start, scratch[op.name][name]) for name, start in placed.scratch[op.name].items()]
        assert len(own) == len(scratch[op.name])
        for start, size in own:
            others = [place for place in (*activations, *own) if place != (start, size)]
            assert all(start + size <= other or other + n <= start for other, n in others)
    assert placed.size <= without.size + 12 + 52
    assert without.size + 50 < placed.lower_bound <= placed.size
    assert placement.alive(g, scratch) == [2 * 16 * 16 * 8 + 30, 2 * 16 * 16 * 8 + 60]


def test_what_is_read_again_later_is_not_overwritten() -> None:
    shape = (1, 8, 8, 4)
    tensors = [activation(n, shape) for n in ("a", "b", "c", "d")]
    ops = [
        convolution("one", "a", "b"),
        convolution("two", "b", "c"),
        Op("add", "sum", ("a", "c"), ("d",), {}),
    ]
    placed = placement.place(graph(tensors, ops, ["a"], ["d"]), 4)
    size = 8 * 8 * 4
    for other in ("b", "c"):
        assert abs(placed.offsets["a"] - placed.offsets[other]) >= size


def test_two_inputs_are_alive_before_the_first_layer() -> None:
    tensors = [activation(n, (1, 100)) for n in ("a", "b", "c")]
    placed = placement.place(graph(tensors, [Op("add", "sum", ("a", "b"), ("c",), {})], ["a", "b"], ["c"]), 4)
    assert abs(placed.offsets["a"] - placed.offsets["b"]) >= 100


def test_views_share_their_bytes_and_live_as_long_as_the_longest() -> None:
    tensors = [activation("a", (1, 4, 4, 4)), activation("b", (1, 64)), activation("c", (1, 4, 4, 4))]
    ops = [Op("reshape", "flat", ("a",), ("b",), {}), convolution("conv", "a", "c")]
    placed = placement.place(graph(tensors, ops, ["a"], ["b", "c"]), 4)
    assert placed.offsets["a"] == placed.offsets["b"]
    assert abs(placed.offsets["b"] - placed.offsets["c"]) >= 64


def test_check_refuses_a_collision() -> None:
    buffers = [packing.Buffer(("a",), 8, 0, 1), packing.Buffer(("b",), 8, 1, 2)]
    apart = {(0, 1): packing.Gap(4, 6)}
    for safe in ([4, 0], [0, 6]):
        placement.check(buffers, apart, safe)
    for collision in ([2, 0], [0, 0], [0, 5]):
        with pytest.raises(AssertionError, match="collide"):
            placement.check(buffers, apart, collision)


def test_an_operator_with_a_live_neighbour_below_is_not_turned() -> None:
    """Only an input that the output overlaps decides the direction."""
    tensors = [activation(n, (1, 8)) for n in ("a", "b", "c")]
    g = graph(tensors, [Op("add", "sum", ("a", "b"), ("c",), {})], ["a", "b"], ["c"])
    placed = placement.place(g, 4)
    assert placed.size == 16
    assert not placed.backwards


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(st.integers(1, 2), st.integers(1, 6), st.integers(1, 6), st.integers(1, 3)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
    st.integers(0, 1),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_the_window_distances_are_safe_and_the_smallest_that_are(
    shape: tuple[int, int, int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    padding: int,
    channels: int,
    block: int,
) -> None:
    """Replays every read and write of a convolution: the oracle is which bytes are touched when.

    Pixels are made `block` at a time, the last block being shorter; all that they need may still be read
    after all but the last byte of them is written.
    """
    source = activation("in", shape)
    options = {"strideH": stride[0], "strideW": stride[1], "padding": padding}
    options |= {"dilationHFactor": dilation[0], "dilationWFactor": dilation[1]}
    attrs: dict[str, Any] = window.read_window(options, source, kernel) | {"kernel": kernel}
    op = Op("conv_2d", "conv", ("in", None), ("out",), attrs)
    try:
        height, width = window.window_output(graph([source], [op], ["in"], []), op, kernel)
    except Unsupported:
        reject()
    g = graph([source, activation("out", (shape[0], height, width, channels))], [op], ["in"], ["out"])
    reads = []
    for batch, y, x in np.ndindex(shape[0], height, width):
        rows = [y * stride[0] - attrs["pad_y"] + k * dilation[0] for k in range(kernel[0])]
        columns = [x * stride[1] - attrs["pad_x"] + k * dilation[1] for k in range(kernel[1])]
        inside = [
            ((batch * shape[1] + r) * shape[2] + c) * shape[3]
            for r in rows
            for c in columns
            if 0 <= r < shape[1] and 0 <= c < shape[2]
        ]
        reads.append([(first, first + shape[3]) for first in inside])

    def safe(start: int, reverse: bool) -> bool:
        # The output starts at `start`, seen from the start of the input. Blocks may begin at any pixel.
        order = range(len(reads))[:: -1 if reverse else 1]
        for at in range(len(reads)):
            done = [start + pixel * channels for pixel in order[: at + block]]
            low, high = min(done), max(done) + channels
            if any(low < end and first < high for pixel in order[at:] for first, end in reads[pixel]):
                return False
        return True

    below, above = (find(g, op, "in") for find in (window.window_distance, window.window_rise))
    assert below is not None and above is not None
    ahead = (block - 1) * channels
    below, above = below + ahead, above + ahead
    assert safe(-below, reverse=False) and safe(above, reverse=True)
    # Where every window touches all of its corners, one byte less is one too many.
    if padding == 1 and max(dilation) == 1 and block == 1:
        assert not safe(1 - below, reverse=False) and not safe(above - 1, reverse=True)
