# SPDX-License-Identifier: Apache-2.0
"""Random tensors for the operators' test cases, from a seeded generator."""

from __future__ import annotations

import numpy as np

from tinyedge.fixedpoint import LIMITS
from tinyedge.graph import Quantization, Tensor


def activation(
    rng: np.random.Generator, name: str, shape: tuple[int, ...], dtype: str, scale: float | None = None
) -> Tensor:
    """An activation with a random scale (or `scale`) and, where the type allows one, a random zero point."""
    low, high = LIMITS[dtype]
    zero_point = 0 if dtype == "int16" else int(rng.integers(low, high, endpoint=True))
    chosen = float(np.float32(rng.uniform(0.01, 0.2) if scale is None else scale))
    return Tensor(name, shape, dtype, Quantization((chosen,), (zero_point,)))


def weights(rng: np.random.Generator, shape: tuple[int, ...], axis: int | None, name: str = "weights") -> Tensor:
    """Symmetric int8 weights, quantised per tensor or along `axis`; -128 does occur."""
    count = 1 if axis is None else shape[axis]
    scales = tuple(float(np.float32(s)) for s in rng.uniform(0.002, 0.02, count))
    data = rng.integers(-128, 128, shape, dtype=np.int8)
    return Tensor(name, shape, "int8", Quantization(scales, (0,) * count, axis), data)


def bias(rng: np.random.Generator, channels: int, dtype: str = "int32", name: str = "bias") -> Tensor:
    """A bias of the size that trained layers have."""
    return Tensor(name, (channels,), dtype, None, rng.integers(-5000, 5000, channels).astype(dtype))
