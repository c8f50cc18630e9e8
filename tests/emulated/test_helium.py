# SPDX-License-Identifier: Apache-2.0
"""Helium kernels on an emulated Cortex-M55: random layers give the bits of LiteRT's reference kernels."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.conftest import lacking
from tinyedge import ops
from tinyedge.graph import Graph, Tensor
from tinyedge.ops import Case, case, conv_2d, depthwise_conv_2d
from tinyedge.ops.case import Window
from tinyedge.options import Optimize, Options
from tinyedge.plan import placement
from tinyedge.plan.placement import Placement, Scratches

BOARD = "mps3-an547"
FRAMES = 3
"""Random bytes, and all minima and all maxima."""
LARGEST = 900
"""Elements of an activation: the emulated UART takes some 20 KB/s."""

CONVOLUTIONS = (
    # window, output channels, groups: what random layers would seldom meet
    (Window((1, 2, 2, 200), (2, 2)), 66, 1),  # a window in parts, channels in blocks
    (Window((1, 2, 3, 67), (3, 3), padding=0), 3, 1),
    (Window((1, 2, 2, 40), (4, 4), dilation=(1, 2)), 5, 1),
    (Window((1, 3, 3, 608), (1, 1)), 4, 1),  # pointwise with more inputs than a window holds
    (Window((1, 1, 2, 610), (1, 1)), 4, 1),
    (Window((1, 2, 3, 32), (1, 1)), 130, 1),
    (Window((2, 3, 3, 5), (1, 1)), 64, 1),  # vectors that reach into the next pixel, but not out of the input
    (Window((1, 4, 4, 48), (1, 1), stride=(2, 2)), 16, 1),
    (Window((1, 1, 30, 2), (1, 7), stride=(1, 3)), 9, 1),
    (Window((1, 30, 1, 2), (7, 1), stride=(3, 1)), 9, 1),
    (Window((1, 25, 3, 1), (10, 4), stride=(2, 2)), 8, 1),
    (Window((1, 4, 4, 12), (3, 3)), 9, 3),
    (Window((1, 3, 3, 8), (2, 2), dilation=(2, 2)), 8, 8),
    (Window((1, 5, 7, 16), (3, 3)), 18, 1),  # windows that slide over whole vectors
    (Window((1, 3, 9, 48), (1, 3), padding=1), 10, 1),  # where they are
    (Window((1, 3, 6, 8), (2, 3)), 6, 1),
    (Window((1, 3, 5, 64), (3, 3)), 5, 1),
    (Window((1, 2, 6, 160), (3, 3)), 8, 1),  # in parts
    (Window((1, 2, 3, 288), (3, 3)), 6, 2),  # group by group
    (Window((1, 9, 5, 4), (9, 1), stride=(1, 2)), 5, 1),
    (Window((1, 1, 126, 16), (1, 117), padding=1), 3, 1),  # more inputs than the stack holds: portable
    (Window((4, 1, 1, 8), (1, 1), stride=(2, 2)), 5, 1),  # a stride that steps nowhere
)
DEPTHWISE = (
    # window, depth multiplier
    (Window((1, 2, 3, 260), (3, 3)), 1),  # a pixel of which the stack holds only a part
    (Window((1, 2, 2, 129), (3, 3), stride=(2, 2)), 1),
    (Window((1, 3, 120, 8), (3, 3)), 1),  # several stretches of a row
    (Window((1, 3, 41, 4), (3, 3), stride=(1, 2)), 1),  # several pixels side by side
    (Window((1, 3, 120, 8), (3, 3), stride=(1, 2)), 1),  # the same in several stretches
    (Window((1, 8, 12, 40), (7, 5), stride=(1, 2)), 1),  # too large for that
    (Window((1, 3, 20, 17), (3, 3)), 1),
    (Window((1, 2, 10, 3), (2, 3), stride=(1, 3), dilation=(1, 2)), 1),
    (Window((1, 1, 40, 5), (1, 9)), 1),
    (Window((1, 40, 1, 5), (9, 1)), 1),  # a column, as a row
    (Window((1, 11, 11, 3), (11, 11)), 1),
    (Window((1, 18, 18, 2), (18, 18)), 1),  # more inputs than the stack holds: portable
    (Window((1, 9, 30, 6), (3, 3), dilation=(1, 20)), 1),
    (Window((1, 5, 9, 16), (2, 5), dilation=(2, 2)), 1),
    (Window((1, 4, 4, 3), (3, 3)), 2),
    (Window((1, 3, 4, 50), (3, 3)), 3),  # several outputs of a channel
    (Window((1, 2, 3, 130), (3, 3)), 2),  # more than a part may have
    (Window((1, 6, 6, 1), (4, 3), stride=(2, 1)), 8),
    (Window((1, 9, 5, 12), (3, 3)), 1),  # windows of which a vector holds four, and rows that stay
    (Window((1, 12, 7, 9), (3, 3)), 1),
    (Window((2, 5, 6, 3), (3, 3), padding=1), 1),
    (Window((1, 6, 9, 8), (2, 3)), 1),
    (Window((1, 9, 6, 17), (3, 3), stride=(2, 2)), 1),
    (Window((1, 7, 15, 4), (3, 3), stride=(2, 2), padding=1), 1),
    (Window((1, 7, 12, 5), (3, 2), stride=(3, 1)), 1),
    (Window((1, 3, 9, 6), (3, 3), stride=(1, 2)), 1),
)


BUILDS = [("speed", None), ("size", None), ("speed", "gcc")]
"""Optimisation and compiler. GCC 12 makes of some of Helium's intrinsics what they are not: see vector.h."""


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(("optimize", "compiler"), BUILDS)
@pytest.mark.parametrize("operator", ["CONV_2D", "DEPTHWISE_CONV_2D"])
def test_random_layers_equal_litert(
    operator: str, optimize: Optimize, compiler: str | None, tmp_path: Path
) -> None:
    skip_without(compiler)
    cases = layers(operator)
    if compiler == "gcc":
        cases = cases[::3]  # it takes a second a layer
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(cases))
    report = zoo.replay(file, BOARD, tmp_path / "out", FRAMES, Options(optimize, compiler=compiler))
    kernels = {layer.kernel.rsplit("_", 1)[1] for layer in report.build.layers}
    assert "helium" in kernels
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact


def skip_without(compiler: str | None) -> None:
    """GCC is tested where it is installed; the default compiler comes with tinyedge."""
    if compiler == "gcc" and shutil.which("arm-none-eabi-gcc") is None:
        lacking("arm-none-eabi-gcc is not on PATH")


def test_a_border_beside_a_column_stays_beside_it(tmp_path: Path) -> None:
    """Folded into the convolution, it makes a row of three outputs of a column: no row of a column turned."""
    rng = np.random.default_rng(5)
    source = case.activation(rng, "input", (1, 4, 1, 6), "int8", 0.05, 3)
    bordered = dataclasses.replace(source, name="bordered", shape=(1, 4, 3, 6))
    border = Tensor("border", (4, 2), "int32", None, np.array([[0, 0], [0, 0], [0, 2], [0, 0]], np.int32))
    weights, bias = case.weights(rng, (9, 1, 1, 6), 0), case.bias(rng, 9)
    target = case.activation(rng, "output", (1, 4, 3, 9), "int8", 0.4, -5)
    options = Window((1, 4, 3, 6), (1, 1), padding=1).convolution_options
    nodes = [
        single_op.Node("PAD", ("input", "border"), ("bordered",), {}),
        single_op.Node("CONV_2D", ("bordered", "weights", "bias"), ("output",), options),
    ]
    file = tmp_path / "bordered.tflite"
    file.write_bytes(
        single_op.pack([source, border, bordered, weights, bias, target], nodes, ["input"], ["output"])
    )
    report = zoo.replay(file, BOARD, tmp_path / "out", 6)
    assert [layer.kernel for layer in report.build.layers] == ["conv_2d_s8_helium"]
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (6, 0), report.bit_exact


Link = tuple[str, tuple[int, int], tuple[int, int], tuple[int, int], int, int]
CHAIN: Sequence[Link] = (
    # operator, kernel, stride, dilation, output channels, groups: outputs of each trail over its inputs
    ("CONV_2D", (3, 3), (1, 1), (1, 1), 12, 1),
    ("DEPTHWISE_CONV_2D", (3, 3), (1, 1), (1, 1), 12, 12),
    ("CONV_2D", (1, 1), (1, 1), (1, 1), 16, 1),
    ("CONV_2D", (1, 1), (1, 1), (1, 1), 16, 1),
    ("CONV_2D", (3, 3), (1, 1), (1, 1), 16, 4),
    ("DEPTHWISE_CONV_2D", (2, 3), (1, 1), (2, 1), 32, 16),
    ("CONV_2D", (1, 1), (1, 1), (1, 1), 68, 1),
    ("CONV_2D", (3, 3), (1, 1), (1, 1), 68, 1),
    ("DEPTHWISE_CONV_2D", (5, 5), (2, 1), (1, 1), 68, 68),
    ("CONV_2D", (1, 1), (1, 2), (1, 1), 140, 1),
    ("DEPTHWISE_CONV_2D", (3, 3), (1, 1), (1, 1), 140, 140),
    ("CONV_2D", (3, 3), (1, 1), (1, 1), 66, 1),
)


@pytest.mark.parametrize(("optimize", "upwards"), [("speed", False), ("speed", True), ("size", True)])
def test_outputs_trail_over_inputs(
    optimize: Optimize, upwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain of layers, each with its output as near to its input as the operator states, either way."""
    monkeypatch.setattr(placement, "place", place_upwards if upwards else place_downwards)
    file = tmp_path / "chain.tflite"
    file.write_bytes(chain())
    report = zoo.replay(file, BOARD, tmp_path / "out", 6, Options(optimize))
    assert all(layer.in_place for layer in report.build.layers)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (6, 0), report.bit_exact


ZERO_POINT = -5
"""Of what the layers of the chain give."""


def chain(shape: tuple[int, ...] = (1, 9, 10, 3), layers: Sequence[Link] = CHAIN) -> bytes:
    """The layers as a model."""
    rng = np.random.default_rng(7)
    source = case.activation(rng, "layer0", shape, "int8", 0.05, 3)
    tensors, nodes = [source], []
    for i, (operator, kernel, stride, dilation, channels, groups) in enumerate(layers):
        place = Window((*source.shape,), kernel, stride, dilation)  # type: ignore[arg-type]
        depthwise_layer = operator != "CONV_2D"
        depth = source.shape[3] // groups
        filters = (1, *kernel, channels) if depthwise_layer else (channels, *kernel, depth)
        weights = case.weights(rng, filters, 3 if depthwise_layer else 0, f"weights{i}")
        bias = case.bias(rng, channels, name=f"bias{i}")
        # The spread of a sum of random products, brought to that of an int8.
        scale = source.scale * 0.01 * (kernel[0] * kernel[1] * depth) ** 0.5 * 74 * 74 / 60
        target = case.activation(rng, f"layer{i + 1}", (*place.output, channels), "int8", scale, ZERO_POINT)
        options = place.convolution_options
        if depthwise_layer:
            options["depthMultiplier"] = channels // source.shape[3]
        names = (source.name, weights.name, bias.name)
        nodes.append(single_op.Node(operator, names, (target.name,), options))
        tensors += [weights, bias, target]
        source = target
    return single_op.pack(tensors, nodes, ["layer0"], [source.name])


def place_downwards(
    graph: Graph, alignment: int, ahead: Mapping[str, int], scratch: Scratches, share: int = 1
) -> Placement:
    """Every output below its input by the distance that the operator states."""
    offsets = {graph.inputs[0]: 0}
    for op in graph.ops:
        source = graph.input(op, 0).name
        distance = ops.lookup(op.kind).distance(graph, op, source)
        assert distance is not None
        offsets[op.outputs[0]] = offsets[source] - align(distance + ahead[op.name], alignment)
    return placed(graph, offsets, frozenset(), alignment, scratch)


def place_upwards(
    graph: Graph, alignment: int, ahead: Mapping[str, int], scratch: Scratches, share: int = 1
) -> Placement:
    """Every output above its input, made from the last pixel to the first."""
    offsets = {graph.inputs[0]: 0}
    for op in graph.ops:
        source = graph.input(op, 0).name
        rise = ops.lookup(op.kind).rise(graph, op, source)
        assert rise is not None
        offsets[op.outputs[0]] = offsets[source] + align(rise + ahead[op.name], alignment)
    return placed(graph, offsets, frozenset(op.name for op in graph.ops), alignment, scratch)


def align(distance: int, alignment: int) -> int:
    return -(-distance // alignment) * alignment


def placed(
    graph: Graph, offsets: Mapping[str, int], backwards: frozenset[str], alignment: int, scratch: Scratches
) -> Placement:
    """The offsets from 0 on, and all scratch behind the last."""
    lowest = min(offsets.values())
    offsets = {name: offset - lowest for name, offset in offsets.items()}
    size = max(offset + graph.tensors[name].nbytes for name, offset in offsets.items())
    behind: dict[str, dict[str, int]] = {}
    for op, wanted in scratch.items():
        for name, nbytes in wanted.items():
            behind.setdefault(op, {})[name] = align(size, alignment)
            size = align(size, alignment) + nbytes
    return Placement(offsets, size, size, backwards, behind)


DRAWN = (
    (Window((1, 9, 9, 5), (1, 1)), 6),  # an odd last pixel; two channels of four
    (Window((1, 8, 11, 3), (3, 3)), 16),
    (Window((1, 8, 9, 7), (3, 3)), 0),  # a last column by itself, of two channels at once and of one
    (Window((1, 9, 11, 5), (3, 3)), 0),
    (Window((1, 15, 20, 8), (3, 3), stride=(2, 2)), 0),
)
"""Layers with as many pixels as lines pay for, which they have where outputs lie from the zero point on; how
many channels the convolutions have.
"""


def layers(operator: str) -> list[Case]:
    """Those of one operator, chosen and random ones, and what lines are drawn for."""
    return [
        *drawn(operator == "CONV_2D"),
        *(convolutions(20) if operator == "CONV_2D" else depthwise(20)),
    ]


def drawn(dense: bool) -> Iterator[Case]:
    rng = np.random.default_rng(3)
    for i, (place, channels) in enumerate(DRAWN):
        if dense and channels:
            yield conv_2d._case(f"drawn{i}", rng, "int8", "int32", place, channels, 1, -128)
        elif not dense and not channels:
            yield depthwise_conv_2d._case(f"drawn{i}", rng, "int8", place, 1, -128)


def convolutions(count: int) -> Iterator[Case]:
    for i, (place, channels, groups) in enumerate(CONVOLUTIONS):
        yield convolution(np.random.default_rng(i), f"chosen{i}", place, channels, groups)
    for i in range(count):
        rng = np.random.default_rng(1000 + i)
        depth, groups = int(rng.choice([1, 2, 3, 4, 7, 8, 16, 17, 32, 40])), int(rng.choice([1, 1, 1, 2]))
        channels = int(rng.choice([1, 2, 3, 5, 8, 15, 16, 31, 33, 65])) * groups
        place = window(rng, depth * groups)
        yield convolution(rng, f"random{i}", place, channels, groups)


def depthwise(count: int) -> Iterator[Case]:
    for i, (place, multiplier) in enumerate(DEPTHWISE):
        yield depthwise_convolution(np.random.default_rng(i), f"chosen{i}", place, multiplier)
    for i in range(count):
        rng = np.random.default_rng(2000 + i)
        place = window(rng, int(rng.choice([1, 3, 4, 8, 13, 16, 20, 32, 33, 64])))
        yield depthwise_convolution(rng, f"random{i}", place, int(rng.choice([1, 1, 1, 1, 3])))


def window(rng: np.random.Generator, depth: int) -> Window:
    """A random window over a random input of `depth` channels, small enough for LARGEST."""
    kernel, stride, dilation = ((int(rng.integers(1, n)), int(rng.integers(1, n))) for n in (6, 4, 4))
    padding = int(rng.integers(0, 2))
    spans = [(k - 1) * d + 1 if padding else 1 for k, d in zip(kernel, dilation, strict=True)]
    side = max(2, round((LARGEST / depth) ** 0.5))
    height, width = (max(span, int(rng.integers(1, side + 1))) for span in spans)
    batches = 2 if height * width * depth < LARGEST // 4 else 1
    return Window((batches, height, width, depth), kernel, stride, dilation, padding, int(rng.integers(0, 4)))


def convolution(rng: np.random.Generator, name: str, place: Window, channels: int, groups: int) -> Case:
    shape = (channels, *place.kernel, place.shape[3] // groups)
    return layer(rng, name, "CONV_2D", place, shape, 0, channels, {})


def depthwise_convolution(rng: np.random.Generator, name: str, place: Window, multiplier: int) -> Case:
    channels = place.shape[3] * multiplier
    extra = {"depthMultiplier": multiplier}
    return layer(rng, name, "DEPTHWISE_CONV_2D", place, (1, *place.kernel, channels), 3, channels, extra)


def layer(
    rng: np.random.Generator,
    name: str,
    operator: str,
    place: Window,
    shape: tuple[int, ...],
    axis: int,
    channels: int,
    extra: dict[str, int],
) -> Case:
    """A layer with a random zero point or an extreme one, and with shifts from far right to left."""
    zero_points = [None, None, -128, 127]
    weights = case.weights(rng, shape, axis if rng.integers(0, 4) else None)
    if rng.integers(0, 4) == 0:
        assert weights.data is not None
        weights.data[...] = rng.choice([-128, 127])
    inputs = (
        case.activation(rng, "input", place.shape, "int8", 0.05, zero_points[rng.integers(0, 4)]),
        weights,
        case.bias(rng, channels),
    )
    scale = float(rng.choice([1e-4, 0.01, 0.1, 1.0, 1e4]))
    target = case.activation(
        rng, "output", (*place.output, channels), "int8", scale, zero_points[rng.integers(0, 4)]
    )
    return Case(name, operator, inputs, target, place.convolution_options | extra)
