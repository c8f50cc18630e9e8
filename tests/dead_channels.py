# SPDX-License-Identifier: Apache-2.0
"""Takes a seed, gives a TFLite model of layers in a row, many of whose channels make no difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests import random_models, single_op
from tests.random_models import Growing
from tinyedge.graph import Tensor
from tinyedge.ops import case
from tinyedge.ops.case import Window


def model(seed: int, layers: int = 8) -> bytes:
    """Convolutions of pixels and windows, depthwise ones, and what keeps channels apart; its last output."""
    rng = np.random.default_rng(seed)
    start = case.activation(rng, "x", (1, int(rng.integers(2, 7)), int(rng.integers(1, 7)), 6), "int8", 0.05)
    growing = Growing(rng, [start], [], [start])
    while len(growing.nodes) < layers:
        LAYERS[rng.integers(0, len(LAYERS))](growing, growing.made[-1])
    if rng.integers(0, 2):
        random_models.reshape(growing, growing.made[-1])
        random_models.dense(growing, growing.made[-1])
    return single_op.pack(growing.tensors, growing.nodes, ["x"], [growing.made[-1].name])


def _pixels(g: Growing, x: Tensor) -> None:
    if len(x.shape) != 4:
        random_models.dense(g, x)
        return
    padding, size = int(g.rng.integers(0, 2)), int(g.rng.choice([1, 1, 1, 2]))
    kernel = min(size, x.shape[1]), min(size, x.shape[2])
    window = Window(x.shape, kernel, padding=padding, activation=int(g.rng.choice([0, 1, 3])))
    channels = int(g.rng.integers(5, 25))
    weights = case.weights(g.rng, (channels, *kernel, x.shape[3]), 0)
    inputs = (x.name, *random_models.partly_dead(g, weights, case.bias(g.rng, channels)))
    g.add("CONV_2D", inputs, g.activation((*window.output, channels)), **window.convolution_options)


def _branches(g: Growing, x: Tensor) -> None:
    if len(x.shape) != 4:
        return
    window = Window(x.shape, (1, 1), activation=1)
    target, parts = g.activation((*x.shape[:3], 1), 0.1), []
    for channels in (int(n) for n in g.rng.integers(5, 13, 2)):
        weights = case.weights(g.rng, (channels, 1, 1, x.shape[3]), 0)
        inputs = (x.name, *random_models.partly_dead(g, weights, case.bias(g.rng, channels)))
        part = replace(target, shape=(*x.shape[:3], channels))
        g.add("CONV_2D", inputs, part, **window.convolution_options)
        parts.append(g.made[-1])
    depth = sum(part.shape[3] for part in parts)
    shape = (*x.shape[:3], depth)
    g.add("CONCATENATION", tuple(p.name for p in parts), replace(parts[0], shape=shape), axis=-1)


def _resize(g: Growing, x: Tensor) -> None:
    if len(x.shape) == 4 and x.size < random_models.LARGEST:
        kind = str(g.rng.choice(["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"]))
        size = tuple(int(n) for n in g.rng.integers(1, 6, 2))
        target = replace(x, shape=(1, *size, x.shape[3]))
        half = bool(g.rng.integers(0, 2))
        wanted = g.constant(case.indices("size", *size))
        g.add(kind, (x.name, wanted), target, alignCorners=False, halfPixelCenters=half)


def _point(g: Growing, x: Tensor, channels: int, activation: int) -> Tensor:
    window = Window(x.shape, (1, 1), activation=activation)  # type: ignore[arg-type]
    weights = case.weights(g.rng, (channels, 1, 1, x.shape[3]), 0)
    inputs = (x.name, *random_models.partly_dead(g, weights, case.bias(g.rng, channels)))
    g.add("CONV_2D", inputs, g.activation((*x.shape[:3], channels)), **window.convolution_options)
    return g.made[-1]


def _residual(g: Growing, x: Tensor) -> None:
    if len(x.shape) == 4:
        y = _point(g, _point(g, x, x.shape[3], 1), x.shape[3], 0)
        target = g.activation(x.shape, x.scale + y.scale)
        g.add("ADD", (x.name, y.name), target, fusedActivationFunction=1, potScaleInt16=False)


def _excited(g: Growing, x: Tensor) -> None:
    """Channels that are multiplied by what their means say."""
    if len(x.shape) == 4:
        random_models.mean(g, x)
        _point(g, _point(g, g.made[-1], max(1, x.shape[3] // 2), 1), x.shape[3], 0)
        factors = replace(g.made[-1], quantization=random_models.PROBABILITY)
        g.add("LOGISTIC", (g.made[-1].name,), factors)
        g.add("MUL", (x.name, g.made[-1].name), g.activation(x.shape, x.scale), fusedActivationFunction=0)


def _with_constants(g: Growing, x: Tensor) -> None:
    """A sum or product with a number, or one for each channel or element; or slopes of each channel."""
    kind = str(g.rng.choice(["ADD", "SUB", "MUL", "PRELU"]))
    shapes = [(*(1 for _ in x.shape[1:-1]), x.shape[-1]), x.shape[1:], x.shape[-1:], (1,)]
    if len(x.shape) < 2:
        return
    shape = shapes[g.rng.integers(0, 2 if kind == "PRELU" else len(shapes))]
    plain = g.activation(shape, 0.006 if kind in ("MUL", "PRELU") else x.scale)
    data = g.rng.integers(-128, 127, shape, np.int8, endpoint=True)
    operands = (x.name, g.constant(replace(plain, name="constant", data=data)))
    options = {"PRELU": {}, "MUL": {"fusedActivationFunction": 0}}
    known = options.get(kind, {"fusedActivationFunction": 1, "potScaleInt16": False})
    if kind != "PRELU" and g.rng.integers(0, 2):
        operands = operands[::-1]
    g.add(kind, operands, g.activation(x.shape, x.scale * (1 if kind in options else 2)), **known)


LAYERS = (
    _pixels,
    _pixels,
    _pixels,
    random_models.depthwise,
    random_models.depthwise,
    random_models.pool,
    random_models.binary,
    random_models.join,
    random_models.reshape,
    random_models.unary,
    random_models.mean,
    random_models.pad,
    _branches,
    _branches,
    _resize,
    _residual,
    _excited,
    _with_constants,
    _with_constants,
)
"""Each adds a layer that reads the tensor given, or none where it does not fit."""
