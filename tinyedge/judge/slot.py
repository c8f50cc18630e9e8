# SPDX-License-Identifier: Apache-2.0
"""Takes an entry of build.json, gives a Slot: where in a device's arena a tensor is, and how to move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import InvalidMeasurement
from tinyedge.recording import Spec

Array = NDArray[Any]


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
