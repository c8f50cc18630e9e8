# SPDX-License-Identifier: Apache-2.0
"""Takes a frame whose output is wrong, runs it layer by layer, gives the first layer that differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from tinyedge.build import Arena, Draft
from tinyedge.graph import Array
from tinyedge.oracle.reference import Reference


class Steps(Arena, Protocol):
    """A device that can run some of its layers."""

    def reset_state(self) -> None:
        """Give the model's state the values that it has before the first run."""

    def infer(
        self, inputs: Sequence[tuple[int, bytes]], outputs: Sequence[tuple[int, int]]
    ) -> tuple[int, list[bytes]]:
        """Write every (offset, data), run all layers, read every (offset, length): ticks and bytes."""
        ...

    def run(self, first: int = 0, last: int | None = None) -> int:
        """Run layers [first, last); gives ticks."""
        ...


@dataclass(frozen=True)
class Difference:
    """Where device and reference part, in one frame; `layer` is None where no single layer is to blame.

    position: in the tensor as the file has it, with all its channels.
    """

    frame: int
    layer: int | None
    op: str
    name: str
    differing: int
    elements: int
    position: tuple[int, ...]
    device: int
    reference: int

    def __str__(self) -> str:
        where = self.name if self.layer is None else f"layer {self.layer} {self.op} '{self.name}'"
        return (
            f"{where}: {self.differing} of {self.elements} elements differ, first at {list(self.position)}: "
            f"device {self.device}, reference {self.reference}"
        )


def layer_by_layer(
    device: Steps, build: Draft, expected: Mapping[str, Array], frame: int
) -> Difference | None:
    """The first layer with an output that is not as `expected` (by tensor), None when every one agrees.

    The inputs must stand in the arena. A layer is read before the next one may reuse its memory.
    """
    for number, layer in enumerate(build.layers):
        device.run(number, number + 1)
        for slot in layer.outputs:
            if slot.name in expected:
                right = expected[slot.name].reshape(slot.shape)
                found = difference(slot.read(device), right, frame, layer.name, number, layer.op)
                if found is not None and slot.channels is not None:
                    *before, channel = found.position
                    return replace(found, position=(*before, slot.channels[channel]))
                if found is not None:
                    return found
    return None


def tensors(build: Draft, reference: Reference) -> list[str]:
    """The tensors that `layer_by_layer` can compare: those that the reference knows."""
    return [slot.name for layer in build.layers for slot in layer.outputs if reference.knows(slot.name)]


def difference(
    device: Array, reference: Array, frame: int, name: str, layer: int | None = None, op: str = ""
) -> Difference | None:
    """How two arrays of one shape differ, None when they do not."""
    places = np.argwhere(device != reference)
    if not len(places):
        return None
    first = tuple(int(i) for i in places[0])
    got, right = int(device[first]), int(reference[first])
    return Difference(frame, layer, op, name, len(places), device.size, first, got, right)
