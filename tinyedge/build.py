# SPDX-License-Identifier: Apache-2.0
"""Takes an entry of build.json, gives a Slot: where in a device's arena a tensor is, and how to move it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array


@dataclass(frozen=True)
class Spec:
    """One model input or output: TFLite name, shape (batch first), dtype, and quantisation or None."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int | None = None

    @classmethod
    def from_build(cls, entry: dict[str, Any]) -> Spec:
        """From an entry of `inputs` or `outputs` in build.json."""
        scale, zero = entry.get("scale") or [], entry.get("zero_point") or []
        return cls(
            entry["name"],
            tuple(entry["shape"]),
            entry["dtype"],
            float(scale[0]) if scale else None,
            int(zero[0]) if zero else None,
        )

    @property
    def frame(self) -> tuple[int, ...]:
        """The shape of one model input in a recording: without the batch of 1."""
        return self.shape[1:] if len(self.shape) > 1 and self.shape[0] == 1 else self.shape

    @property
    def size(self) -> int:
        """Elements of one model input."""
        return math.prod(self.shape)


class Arena(Protocol):
    """The part of a device that moves bytes; offsets and lengths in bytes."""

    def write(self, offset: int, data: bytes) -> None:
        """Copy `data` to the arena."""

    def read(self, offset: int, length: int) -> bytes:
        """Copy from the arena."""
        ...


@dataclass(frozen=True)
class Slot:
    """One tensor in the arena: byte offset and size; index in the TFLite file (None: made by a pass)."""

    spec: Spec
    index: int | None
    offset: int
    nbytes: int

    @classmethod
    def from_build(cls, entry: Mapping[str, Any]) -> Slot:
        """From an entry of inputs, outputs or layers[].outputs in build.json."""
        return cls(Spec.from_build(dict(entry)), entry["index"], entry["offset"], entry["bytes"])

    @property
    def tensor(self) -> int:
        """The index in the TFLite file, where there must be one."""
        if self.index is None:
            raise InvalidMeasurement(
                f"'{self.spec.name}' is no tensor of the model file, so nothing can be compared with it",
                "this is a defect of tinyedge: please report it with the model",
            )
        return self.index

    def write(self, device: Arena, values: Array) -> None:
        """Send one frame, values of the tensor's dtype and size."""
        device.write(self.offset, values.astype(self._wire).tobytes())

    def read(self, device: Arena) -> Array:
        """The tensor as it stands in the arena now, in its shape."""
        data = device.read(self.offset, self.nbytes)
        if len(data) != self.nbytes:
            raise InvalidMeasurement(f"{len(data)} of {self.nbytes} bytes of '{self.spec.name}' arrived")
        return np.frombuffer(data, self._wire).astype(self.spec.dtype).reshape(self.spec.shape)

    @property
    def _wire(self) -> np.dtype[Any]:
        return np.dtype(self.spec.dtype).newbyteorder("<")  # every supported target is little-endian
