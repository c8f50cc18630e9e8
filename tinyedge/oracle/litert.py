# SPDX-License-Identifier: Apache-2.0
"""Takes an Oracle and the tensors of a build, gives the Reference that speaks for those of the model file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tinyedge.build import Draft, Slot
from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.oracle import Oracle
from tinyedge.recording import dequantize

PARTIAL = ("custom SignalEnergy", "custom SignalFramer", "custom SignalStacker")
"""Operators of TFLM that write only a part of their output, or that only in some runs."""
READS_WHOLE = "custom SignalFilterBank"
"""The one that reads no more than what SignalEnergy wrote."""


class LiteRt:
    """LiteRT's reference kernels, or who judges instead, of the tensors that have a number in the model file.

    `inputs` are the device's tensors that stand for the model's inputs, in its order. Raises
    InvalidMeasurement when LiteRT cannot be made to compute with the very same integers.
    """

    def __init__(
        self, oracle: Oracle, inputs: Sequence[Slot], others: Iterable[Slot], outputs: Iterable[Slot] = ()
    ) -> None:
        if len(oracle.inputs) != len(inputs):
            raise InvalidMeasurement(
                f"the build has {len(inputs)} inputs, the model '{oracle.name}' {len(oracle.inputs)}",
                "build again: the two do not belong together",
            )
        self._oracle, self.name = oracle, f"{oracle.judge}'s reference kernels"
        self._inputs = tuple(inputs)
        self.needs = tuple(slot.name for slot in inputs)
        # An output may be an input that is handed on.
        known = (*(slot for slot in others if slot.name not in self.needs), *outputs)
        self._slots = {slot.name: slot for slot in known if slot.index is not None}

    @classmethod
    def of(cls, oracle: Oracle, build: Draft) -> LiteRt:
        """Fed where the build's model is fed: by what the device is given, or by what it makes of that."""
        return cls(oracle, build.fed, _defined(build), build.said)

    def knows(self, tensor: str) -> bool:
        """As Reference."""
        return tensor in self._slots

    def reset(self) -> None:
        """As Reference."""
        self._oracle.reset()

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """As Reference; arrays come in the shapes that the device's tensors have."""
        slots = [self._slots[name] for name in wanted]
        tensors = self._oracle.tensors_many(
            self._feed(given), [slot.tensor for slot in (*self._inputs, *slots)]
        )
        for slot in self._inputs:
            _same_integers(slot, given[slot.name], tensors[slot.tensor])
        return {slot.name: _as_on_device(slot, tensors[slot.tensor]) for slot in slots}

    def _feed(self, given: Mapping[str, Array]) -> dict[int | str, Array]:
        """What to feed the oracle so that the tensors at the inputs become those given.

        A graph whose input is float begins with QUANTIZE, which is not compiled: the device starts behind
        it. The oracle then gets the real value of each integer, (q - zero point) * scale, which QUANTIZE
        turns back into q; `follow` verifies that it did.
        """
        feed: dict[int | str, Array] = {}
        for port, slot in zip(self._oracle.inputs, self._inputs, strict=True):
            values = given[slot.name]
            border = port.dtype == "float32" and slot.dtype != "float32"
            array = dequantize(values, slot.spec) if border else values
            feed[port.index] = array.reshape(len(values), *port.shape)
        return feed


def _defined(build: Draft) -> list[Slot]:
    """What the layers make, but for tensors parts of which TFLM leaves as its memory was."""
    found: list[Slot] = []
    whole = True
    for layer in build.layers:
        if layer.op in PARTIAL:
            whole = False
        elif layer.op == READS_WHOLE:
            whole = True
        found += layer.outputs if whole else ()
    return found


def _same_integers(slot: Slot, sent: Array, seen: Array) -> None:
    if seen.dtype == sent.dtype and np.array_equal(seen.reshape(sent.shape), sent):
        return
    raise InvalidMeasurement(
        f"the oracle does not compute with the {slot.dtype} input '{slot.name}' of the device",
        "the model's float input is not made integer by a plain QUANTIZE: give the model an integer input",
    )


def _as_on_device(slot: Slot, array: Array) -> Array:
    if slot.dtype == "int8" and array.dtype == np.uint8:
        array = (array ^ 0x80).view(np.int8)  # less 128, as passes/shift_uint8.py has it
    if slot.channels is not None and max(slot.channels, default=0) < array.shape[-1]:
        array = array[..., list(slot.channels)]
    if array.dtype.name != slot.dtype or array[0].size != slot.spec.size:
        raise InvalidMeasurement(
            f"'{slot.name}' is {slot.dtype} {list(slot.shape)} on the device, "
            f"{array.dtype.name} {list(array.shape[1:])} in the model",
            "build again: the two do not belong together",
        )
    return array.reshape(len(array), *slot.shape)
