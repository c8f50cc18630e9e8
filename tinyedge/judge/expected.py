# SPDX-License-Identifier: Apache-2.0
"""Takes a build, the oracle and integer inputs, gives the outputs that are right, or why nobody can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tinyedge.build import Draft, Slot
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.graph import Array
from tinyedge.oracle import Oracle
from tinyedge.recording import dequantize, sample_file


@dataclass(frozen=True)
class Expected:
    """What the outputs must be, one array [N, ...shape] per model output.

    host: what LiteRT's reference kernels give. reference: what the device is judged by, or None;
    `judged_by` names it, `unjudged` says why there is none. feed: the oracle's inputs by tensor index.
    """

    host: tuple[Array, ...]
    reference: tuple[Array, ...] | None
    judged_by: str
    unjudged: str
    feed: Mapping[int | str, Array]

    def first(self, frames: int) -> Expected:
        """Of the first frames only."""
        return replace(
            self,
            host=tuple(array[:frames] for array in self.host),
            reference=None if self.reference is None else tuple(array[:frames] for array in self.reference),
            feed={key: array[:frames] for key, array in self.feed.items()},
        )


def expect(
    build: Draft,
    oracle: Oracle,
    stored: Sequence[Array],
    golden: Sequence[Array] | None,
) -> Expected:
    """Runs the oracle over all frames; stored: integers for the device [N, ...shape], one array per input.

    Raises InvalidMeasurement when the oracle cannot be made to compute with the very same integers.
    """
    inputs, outputs = build.inputs, build.outputs
    feed = _feed(oracle, inputs, stored)
    tensors = oracle.tensors_many(feed, [slot.tensor for slot in (*inputs, *outputs)])
    for slot, values in zip(inputs, stored, strict=True):
        _same_integers(slot, values, tensors[slot.tensor])
    host = tuple(_of_dtype(slot, tensors[slot.tensor]) for slot in outputs)
    if golden is not None:
        return Expected(host, _fitting(golden, outputs, len(stored[0])), "recorded outputs", "", feed)
    unjudged = why_unjudged(build)
    if unjudged:
        return Expected(host, None, "", unjudged, feed)
    return Expected(host, host, "LiteRT's reference kernels", "", feed)


def read_golden(path: Path, build: Draft) -> list[Array]:
    """Recorded outputs in the model's order: the file's only array, or one for each output's name."""
    arrays = sample_file.read(path).arrays
    names = [slot.name for slot in build.outputs]
    if len(names) == len(arrays) == 1:
        return list(arrays.values())
    missing = [name for name in names if name not in arrays]
    if missing:
        raise UsageError(
            f"{path} has no recorded output {missing[0]!r}, only {', '.join(arrays) or 'nothing'}",
            "store one array [N, ...] for each output of the model",
        )
    return [arrays[name] for name in names]


def why_unjudged(build: Draft) -> str:
    """The reason why LiteRT's reference kernels do not define this build's outputs, or ""."""
    dense = [layer.name for layer in build.layers if layer.op == "fully_connected"]
    if build.rounding != "tflm" or not dense:
        return ""
    return (
        'with rounding "tflm" dense layers round twice, in LiteRT\'s reference once, and the model has '
        f"{len(dense)} of them ('{dense[0]}' first): only recorded outputs can judge it (--golden)"
    )


def _feed(oracle: Oracle, inputs: Sequence[Slot], stored: Sequence[Array]) -> dict[int | str, Array]:
    """What to feed the oracle so that the tensors at `inputs` become `stored`.

    A graph whose input is float begins with QUANTIZE, which is not compiled: the device starts behind it.
    The oracle then gets the real value of each integer, (q - zero point) * scale, which QUANTIZE turns back
    into q; `expect` verifies that it did.
    """
    if len(oracle.inputs) != len(inputs):
        raise InvalidMeasurement(
            f"the build has {len(inputs)} inputs, the model '{oracle.name}' {len(oracle.inputs)}",
            "build again: the two do not belong together",
        )
    feed: dict[int | str, Array] = {}
    for port, slot, values in zip(oracle.inputs, inputs, stored, strict=True):
        border = port.dtype == "float32" and slot.dtype != "float32"
        array = dequantize(values, slot.spec) if border else values
        feed[port.index] = array.reshape(len(values), *port.shape)
    return feed


def _same_integers(slot: Slot, sent: Array, seen: Array) -> None:
    if seen.dtype == sent.dtype and np.array_equal(seen.reshape(sent.shape), sent):
        return
    raise InvalidMeasurement(
        f"the oracle does not compute with the {slot.dtype} input '{slot.name}' of the device",
        "the model's float input is not made integer by a plain QUANTIZE: give the model an integer input",
    )


def _of_dtype(slot: Slot, array: Array) -> Array:
    if array.dtype.name != slot.dtype or array[0].size != slot.spec.size:
        raise InvalidMeasurement(
            f"output '{slot.name}' is {slot.dtype} {list(slot.shape)} on the device, "
            f"{array.dtype.name} {list(array.shape[1:])} in the model",
            "build again: the two do not belong together",
        )
    return array.reshape(len(array), *slot.shape)


def _fitting(golden: Sequence[Array], outputs: Sequence[Slot], frames: int) -> tuple[Array, ...]:
    if len(golden) != len(outputs):
        raise UsageError(f"{len(golden)} recorded outputs are given, the model has {len(outputs)}")
    checked = []
    for array, slot in zip(golden, outputs, strict=True):
        if array.dtype.name != slot.dtype or len(array) < frames or array[:1].size != slot.spec.size:
            shape = ", ".join(str(n) for n in (frames, *slot.shape))
            raise UsageError(
                f"the recorded outputs are {array.dtype.name} {list(array.shape)}, '{slot.name}' is "
                f"{slot.dtype} and {frames} frames are replayed",
                f"store them as {slot.dtype} [{shape}]",
            )
        checked.append(array[:frames].reshape(frames, *slot.shape))
    return tuple(checked)
