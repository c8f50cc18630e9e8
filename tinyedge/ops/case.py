# SPDX-License-Identifier: Apache-2.0
"""Random tensors and windows for the operators' test cases, from a seeded generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case

T = TypeVar("T")


def activation(
    rng: np.random.Generator,
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    scale: float | None = None,
    zero_point: int | None = None,
) -> Tensor:
    """An activation with a random scale and, where the type allows one, a random zero point, unless given."""
    low, high = LIMITS[dtype]
    random = 0 if dtype == "int16" else int(rng.integers(low, high, endpoint=True))
    chosen = float(np.float32(rng.uniform(0.01, 0.2) if scale is None else scale))
    return Tensor(
        name, shape, dtype, Quantization((chosen,), (random if zero_point is None else zero_point,))
    )


def moved(rng: np.random.Generator, name: str, shape: tuple[int, ...], dtype: str) -> Tensor:
    """An activation of any type for an operator that only moves elements; quantised where models would."""
    if dtype in ("int8", "uint8", "int16"):
        return activation(rng, name, shape, dtype)
    return Tensor(name, shape, dtype)


def typed(items: Sequence[T], *others: str) -> Iterator[tuple[int, T, str]]:
    """Number, item and dtype: every item in int8 and, in turn, in one of `others`."""
    for i, item in enumerate(items):
        for dtype in ("int8", others[i % len(others)]):
            yield i, item, dtype


def indices(name: str, *values: int) -> Tensor:
    """A constant vector of int32: dimensions, a shape, bounds."""
    return Tensor(name, (len(values),), "int32", None, np.array(values, np.int32))


def weights(
    rng: np.random.Generator, shape: tuple[int, ...], axis: int | None, name: str = "weights"
) -> Tensor:
    """Symmetric int8 weights, quantised per tensor or along `axis`; -128 does occur."""
    count = 1 if axis is None else shape[axis]
    scales = tuple(float(np.float32(s)) for s in rng.uniform(0.002, 0.02, count))
    data = rng.integers(-128, 128, shape, dtype=np.int8)
    return Tensor(name, shape, "int8", Quantization(scales, (0,) * count, axis), data)


def bias(rng: np.random.Generator, channels: int, dtype: str = "int32", name: str = "bias") -> Tensor:
    """A bias of the size that trained layers have."""
    return Tensor(name, (channels,), dtype, None, rng.integers(-5000, 5000, channels).astype(dtype))


def scale(dtype: str, real: float, activation: int = 0) -> float:
    """The scale with which `dtype` holds 128 * `real`, or what a fused activation lets pass."""
    limited = {2: 1 / 100, 3: 6 / 200}.get(activation, real)
    return limited if dtype == "int8" else limited / 256


@dataclass(frozen=True)
class Window:
    """How a kernel (height, width) slides over an input NHWC; padding 0 is SAME, 1 VALID."""

    shape: tuple[int, int, int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: int = 0
    activation: int = 0

    @property
    def output(self) -> tuple[int, int, int]:
        """Batches, height and width of the output, by TFLite's rule."""
        sizes = []
        for size, taps, stride, dilation in zip(
            self.shape[1:3], self.kernel, self.stride, self.dilation, strict=True
        ):
            span = (taps - 1) * dilation + 1
            sizes.append(-(-size // stride) if self.padding == 0 else (size - span) // stride + 1)
        return self.shape[0], sizes[0], sizes[1]

    @property
    def pool_options(self) -> dict[str, Any]:
        """TFLite's options of a pooling layer."""
        return {
            "padding": self.padding,
            "strideH": self.stride[0],
            "strideW": self.stride[1],
            "filterHeight": self.kernel[0],
            "filterWidth": self.kernel[1],
            "fusedActivationFunction": self.activation,
        }

    @property
    def convolution_options(self) -> dict[str, Any]:
        """TFLite's options that all convolutions share."""
        return {
            "padding": self.padding,
            "strideH": self.stride[0],
            "strideW": self.stride[1],
            "dilationHFactor": self.dilation[0],
            "dilationWFactor": self.dilation[1],
            "fusedActivationFunction": self.activation,
        }


def dead(case: Case) -> Case:
    """A layer of weights and a bias whose first channel training left without weights worth the name."""
    source, weights, bias = case.inputs
    assert weights is not None and weights.quantization is not None
    assert bias is not None and bias.data is not None
    scales = (float(np.float32(1e-20)), *weights.quantization.scale[1:])
    values = np.array([1 - 2**31, *bias.data[1:]], bias.dtype)
    weights = replace(weights, quantization=replace(weights.quantization, scale=scales))
    return replace(case, name=f"{case.name}_dead", inputs=(source, weights, replace(bias, data=values)))
