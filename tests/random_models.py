# SPDX-License-Identifier: Apache-2.0
"""Takes a seed and a length, gives a TFLite model of random int8 layers that branch and join.

The first layers of a longer model are those of a shorter one with the same seed: a model that fails is shrunk
by making it shorter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from tests import single_op
from tests.single_op import Node
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import case
from tinyedge.ops.case import Window

NEAR = 4
"""Layers read one of so many that were made last, mostly the last."""
LARGEST = 4096
"""Elements of an activation, at most."""
WIDEST_SOFTMAX = 256
"""LiteRT's reference kernel ends its process on some rows of 960 and 1,188 equal elements."""
PROBABILITY = Quantization((1 / 256,), (-128,))
"""What LiteRT wants of LOGISTIC and SOFTMAX."""


@dataclass
class Growing:
    """A model so far."""

    rng: np.random.Generator
    tensors: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    made: list[Tensor] = field(default_factory=list)

    def constant(self, tensor: Tensor) -> str:
        named = replace(tensor, name=f"{tensor.name}{len(self.tensors)}")
        self.tensors.append(named)
        return named.name

    def add(self, operator: str, inputs: tuple[str, ...], output: Tensor, **options: object) -> None:
        named = replace(output, name=f"t{len(self.nodes)}")
        self.tensors.append(named)
        self.made.append(named)
        self.nodes.append(Node(operator, inputs, (named.name,), options))

    def source(self) -> Tensor:
        back = min(len(self.made), 1 + int(self.rng.integers(0, NEAR)) * int(self.rng.integers(0, 2)))
        return self.made[-back]

    def activation(self, shape: tuple[int, ...], scale: float | None = None) -> Tensor:
        return case.activation(self.rng, "", shape, "int8", scale)


def model(seed: int, layers: int) -> bytes:
    """The model of this seed; what no layer reads are its outputs, or of an odd seed the last of it."""
    rng = np.random.default_rng(seed)
    shape = (1, *(int(n) for n in rng.integers(1, 13, 2)), int(rng.integers(1, 9)))
    start = case.activation(rng, "x", shape, "int8", 0.05)
    growing = Growing(rng, [start], [], [start])
    while len(growing.nodes) < layers:
        LAYERS[rng.integers(0, len(LAYERS))](growing, growing.source())
    read = {name for node in growing.nodes for name in node.inputs}
    outputs = [tensor.name for tensor in growing.made if tensor.name not in read]
    return single_op.pack(growing.tensors, growing.nodes, ["x"], outputs[-1:] if seed % 2 else outputs)


def _window(g: Growing, shape: tuple[int, ...]) -> Window | None:
    if len(shape) != 4:
        return None
    kernel = tuple(int(g.rng.integers(1, min(4, size) + 1)) for size in shape[1:3])
    stride = tuple(int(n) for n in g.rng.integers(1, 3, 2))
    return Window(shape, kernel, stride, padding=int(g.rng.integers(0, 2)), activation=_fused(g))  # type: ignore[arg-type]


def _fused(g: Growing) -> int:
    return int(g.rng.choice([0, 0, 1, 3]))


def _convolution(g: Growing, x: Tensor) -> None:
    window = _window(g, x.shape)
    channels = int(g.rng.integers(1, 17))
    if window is None or math.prod(window.output) * channels > LARGEST:
        return
    weights = case.weights(g.rng, (channels, *window.kernel, x.shape[3]), 0)
    inputs = (x.name, *partly_dead(g, weights, case.bias(g.rng, channels)))
    target = g.activation((*window.output, channels))
    g.add("CONV_2D", inputs, target, **window.convolution_options)


def partly_dead(g: Growing, weights: Tensor, bias: Tensor) -> tuple[str, str]:
    """Weights and bias, some of whose channels training may have left without any use, as it does."""
    assert weights.data is not None and bias.data is not None and weights.quantization is not None
    axis, scales = weights.quantization.axis or 0, np.array(weights.quantization.scale)
    data, values = np.moveaxis(weights.data.copy(), axis, 0), bias.data.copy()
    if g.rng.integers(0, 2):
        ways = g.rng.integers(0, 5, len(data))
        data[ways == 1] = 0
        values[ways == 2] = -(2**20)  # nothing, behind RELU
        if len(scales) > 1:
            scales[ways == 3] = np.float32(1e-12)
        else:
            data[..., g.rng.integers(0, 3, data.shape[-1]) == 0] = 0  # inputs that nobody reads
    quantization = replace(weights.quantization, scale=tuple(float(scale) for scale in scales))
    weights = replace(weights, data=np.moveaxis(data, 0, axis).copy(), quantization=quantization)
    return g.constant(weights), g.constant(replace(bias, data=values))


def depthwise(g: Growing, x: Tensor) -> None:
    """Add a DEPTHWISE_CONV_2D."""
    window = _window(g, x.shape)
    multiplier = int(g.rng.choice([1, 1, 1, 2]))
    if window is None or math.prod(window.output) * x.shape[3] * multiplier > LARGEST:
        return
    channels = x.shape[3] * multiplier
    weights = case.weights(g.rng, (1, *window.kernel, channels), 3)
    inputs = (x.name, *partly_dead(g, weights, case.bias(g.rng, channels)))
    options = window.convolution_options | {"depthMultiplier": multiplier}
    g.add("DEPTHWISE_CONV_2D", inputs, g.activation((*window.output, channels)), **options)


def pool(g: Growing, x: Tensor) -> None:
    """Add a pool of the largest or of averages."""
    window = _window(g, x.shape)
    if window is not None:
        operator = ("MAX_POOL_2D", "AVERAGE_POOL_2D")[g.rng.integers(0, 2)]
        target = replace(x, shape=(*window.output, x.shape[3]))
        g.add(operator, (x.name,), target, **window.pool_options)


def dense(g: Growing, x: Tensor) -> None:
    """Add a FULLY_CONNECTED for the last dimension."""
    taps, channels = x.shape[-1], int(g.rng.integers(1, 33))
    rows = x.size // taps
    if rows * channels > LARGEST:
        return
    weights = case.weights(g.rng, (channels, taps), None)
    # LiteRT refuses a dense layer whose bias has another scale than its products.
    scale = float(np.float32(x.scale * weights.scale))
    bias = replace(case.bias(g.rng, channels), quantization=Quantization((scale,), (0,)))
    inputs = (x.name, *partly_dead(g, weights, bias))
    options = {"fusedActivationFunction": _fused(g), "keepNumDims": False, "quantizedBiasType": 0}
    g.add("FULLY_CONNECTED", inputs, g.activation((rows, channels)), **options)


def binary(g: Growing, x: Tensor) -> None:
    """Add an operator of two operands that were made before."""
    partners = [other for other in g.made if other.shape == x.shape]
    other = partners[g.rng.integers(0, len(partners))]
    operator = str(g.rng.choice(["ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"]))
    if operator in ("MAXIMUM", "MINIMUM"):
        if other.quantization == x.quantization:
            g.add(operator, (x.name, other.name), x)
        return
    reach = x.scale * other.scale * 128 if operator == "MUL" else x.scale + other.scale
    options = {"fusedActivationFunction": _fused(g)}
    options |= {} if operator == "MUL" else {"potScaleInt16": False}
    g.add(operator, (x.name, other.name), g.activation(x.shape, reach), **options)


def join(g: Growing, x: Tensor) -> None:
    """Add a CONCATENATION with tensors made before."""
    partners = [t for t in g.made if t.shape[:-1] == x.shape[:-1] and t.quantization == x.quantization]
    others = [partners[i] for i in g.rng.integers(0, len(partners), int(g.rng.integers(1, 3)))]
    depth = sum(t.shape[-1] for t in (x, *others))
    if x.size // x.shape[-1] * depth <= LARGEST:
        inputs = (x.name, *(t.name for t in others))
        g.add("CONCATENATION", inputs, replace(x, shape=(*x.shape[:-1], depth)), axis=-1)


def reshape(g: Growing, x: Tensor) -> None:
    """Add a RESHAPE to a row, or to another image."""
    shape = (
        (1, x.size)
        if g.rng.integers(0, 2) or len(x.shape) != 4
        else (1, x.shape[1] * x.shape[2], 1, x.shape[3])
    )
    wanted = Tensor("shape", (len(shape),), "int32", None, np.array(shape, np.int32))
    g.add("RESHAPE", (x.name, g.constant(wanted)), replace(x, shape=shape), newShape=list(shape))


def unary(g: Growing, x: Tensor) -> None:
    """Add an activation."""
    operator = str(g.rng.choice(["RELU", "RELU6", "LOGISTIC", "TANH", "SOFTMAX"]))
    if operator == "SOFTMAX" and x.shape[-1] > WIDEST_SOFTMAX:
        return
    target = x if operator.startswith("RELU") else replace(x, quantization=PROBABILITY)
    if operator == "TANH":
        target = replace(x, quantization=Quantization((1 / 128,), (0,)))
    options = {"beta": 1.0} if operator == "SOFTMAX" else {}
    g.add(operator, (x.name,), target, **options)


def mean(g: Growing, x: Tensor) -> None:
    """Add a MEAN over the image."""
    if len(x.shape) == 4:
        axes = Tensor("axes", (2,), "int32", None, np.array([1, 2], np.int32))
        target = g.activation((1, 1, 1, x.shape[3]), x.scale)
        g.add("MEAN", (x.name, g.constant(axes)), target, keepDims=True)


def pad(g: Growing, x: Tensor) -> None:
    """Add a PAD around the image."""
    if len(x.shape) == 4:
        border = g.rng.integers(0, 3, (4, 2)).astype(np.int32)
        border[[0, 3]] = 0
        shape = tuple(int(n) for n in np.add(x.shape, border.sum(axis=1)))
        if math.prod(shape) <= LARGEST:
            amounts = Tensor("border", (4, 2), "int32", None, border)
            g.add("PAD", (x.name, g.constant(amounts)), replace(x, shape=shape))


LAYERS: tuple[Callable[[Growing, Tensor], None], ...] = (
    _convolution,
    _convolution,
    depthwise,
    pool,
    dense,
    binary,
    binary,
    join,
    reshape,
    unary,
    mean,
    pad,
)
"""Each adds a layer that reads the tensor given, or none where it does not fit."""
