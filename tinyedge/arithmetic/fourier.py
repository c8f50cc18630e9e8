# SPDX-License-Identifier: Apache-2.0
"""Tables of firmware/kernels/fft.h and fourier.h for one size of transform."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array

ONE = 32767
"""1 with 15 fraction bits, as near as an int16 comes."""


def order(points: int) -> Array:
    """uint16 [points]: the inputs in the order in which stages of 4, and one of 2 before them, take them.

    The first stage splits the inputs into those whose number has the same remainder modulo its radix, which
    then stand together; so does the next with each part.
    """
    parts, left = np.arange(points)[np.newaxis], points
    while left > 1:
        radix = 4 if left % 4 == 0 else 2
        left //= radix
        # [parts, inputs of each] -> [parts * radix, inputs of each of these]
        parts = parts.reshape(len(parts), left, radix).swapaxes(1, 2).reshape(-1, left)
    return parts.ravel().astype(np.uint16)


def roots(points: int) -> Array:
    """int16 [points * 2]: real and imaginary parts of exp(-2 pi i k / points)."""
    return _narrow(_turns(points))


def unfolding(points: int) -> Array:
    """int16 [points]: real and imaginary parts of exp(-pi i ((k + 1) / points + 1/2)), k to points / 2."""
    return _narrow(_half_turns(points))


def wide_roots(points: int) -> Array:
    """int32 [points * 2]: as `roots`, with 30 fraction bits."""
    return np.rint(_turns(points) * 2.0**30).astype(np.int32)


def wide_unfolding(points: int) -> Array:
    """int32 [points]: as `unfolding`, with 31 fraction bits."""
    return np.rint(_half_turns(points) * 2.0**31).clip(max=2**31 - 1).astype(np.int32)


def _turns(points: int) -> Array:
    return _circle(-2 * np.pi * np.arange(points) / points)


def _half_turns(points: int) -> Array:
    return _circle(-np.pi * ((np.arange(points // 2) + 1) / points + 0.5))


def _circle(phases: Array) -> Array:
    return np.stack([np.cos(phases), np.sin(phases)], axis=1).ravel()


def _narrow(values: Array) -> Array:
    return np.floor(values * ONE + 0.5).astype(np.int16)
