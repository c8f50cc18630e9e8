# SPDX-License-Identifier: Apache-2.0
"""Takes TFLite bytes and integer inputs, gives what LiteRT's reference kernels make of them: the judge.

Where a model has operators that only TensorFlow Lite Micro has, that judges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from tinyedge import text
from tinyedge.errors import InvalidMeasurement, ToolMissing, UsageError
from tinyedge.oracle import tflm
from tinyedge.process.messages import Array, Message
from tinyedge.process.worker import Lost, Worker

LOAD_SECONDS = 60.0  # import of LiteRT and allocation; 0.2 s is usual
FRAME_SECONDS = 60.0  # one inference by reference kernels; 0.1 s is usual
CHUNK_BYTES = 4 << 20  # of input and output per message, so that a long recording is never held twice
CHUNK_FRAMES = 64


@dataclass(frozen=True)
class Port:
    """One input or output of the model: TFLite tensor index, shape with batch, dtype name, quantisation."""

    name: str
    index: int
    shape: tuple[int, ...]
    dtype: str
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of one frame of this tensor."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


class Oracle:
    """A process of its own with one model in LiteRT's reference resolver, kept alive for many frames.

    judge: who it is. Raises ToolMissing, UsageError when the judge refuses the model or an input does not
    fit, InvalidMeasurement when the process dies or does not answer in time. Use as a context manager: the
    process never outlives it.
    """

    def __init__(self, model: bytes, name: str = "model") -> None:
        self.name = name
        self._fresh = True  # has run nothing
        self.judge, module = "LiteRT", "tinyedge.oracle.child"
        if tflm.judges(model):
            self.judge, module = tflm.NAME, "tinyedge.oracle.tflm"
            if not tflm.installed():
                what = f"{tflm.NAME} judges what LiteRT does not have in '{name}', and is not installed"
                raise ToolMissing(what, tflm.INSTALL)
        self._worker = Worker(module)
        try:
            header, _ = self._ask({"do": "load"}, [np.frombuffer(model, np.uint8)], LOAD_SECONDS)
            self.inputs = tuple(_port(p) for p in header["inputs"])
            self.outputs = tuple(_port(p) for p in header["outputs"])
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; may be called again."""
        self._worker.close()

    def reset(self) -> None:
        """Give what the model keeps from one frame to the next the values that it has before the first."""
        if not self._fresh:
            self._ask({"do": "reset"}, [], LOAD_SECONDS)
            self._fresh = True

    def run(self, inputs: Mapping[int | str, Array]) -> list[Array]:
        """One frame. Inputs by TFLite index or name, of the port's shape and dtype; gives every output."""
        batch = {key: np.asarray(value)[np.newaxis] for key, value in inputs.items()}
        return [array[0] for array in self.run_many(batch)]

    def run_many(self, inputs: Mapping[int | str, Array]) -> list[Array]:
        """N frames: inputs [N, ...port shape]; gives [N, ...] for every output, in the model's order."""
        found = self.tensors_many(inputs, [port.index for port in self.outputs])
        return [found[port.index] for port in self.outputs]

    def tensors(self, inputs: Mapping[int | str, Array], indices: Sequence[int]) -> dict[int, Array]:
        """One frame; gives the tensors with these TFLite indices as they stand after it."""
        batch = {key: np.asarray(value)[np.newaxis] for key, value in inputs.items()}
        return {index: array[0] for index, array in self.tensors_many(batch, indices).items()}

    def tensors_many(self, inputs: Mapping[int | str, Array], indices: Sequence[int]) -> dict[int, Array]:
        """N frames: inputs [N, ...port shape]; gives [N, ...] for each tensor index."""
        arrays = [self._fitting(port, inputs) for port in self.inputs]
        if len(inputs) != len(arrays):
            names = text.listed(f"{p.index} '{p.name}'" for p in self.inputs)
            raise UsageError(f"{len(inputs)} inputs given, the model '{self.name}' has {names}")
        count = len(arrays[0]) if arrays else 0
        if not arrays or count == 0 or any(len(a) != count for a in arrays):
            lengths = text.listed(str(len(a)) for a in arrays)
            raise UsageError(f"the inputs of '{self.name}' need equally many frames, at least 1: {lengths}")
        wanted = list(dict.fromkeys(indices))
        request = {"do": "run", "inputs": [p.index for p in self.inputs], "wanted": wanted}
        frame_bytes = sum(port.nbytes for port in (*self.inputs, *self.outputs))
        step = min(max(CHUNK_BYTES // max(frame_bytes, 1), 1), CHUNK_FRAMES)
        parts = []
        self._fresh = False
        for first in range(0, count, step):
            part = [array[first : first + step] for array in arrays]
            parts.append(self._ask(request, part, FRAME_SECONDS * len(part[0]))[1])
        joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return dict(zip(wanted, joined, strict=True))

    def _fitting(self, port: Port, inputs: Mapping[int | str, Array]) -> Array:
        value = inputs.get(port.index, inputs.get(port.name))
        if value is None:
            raise UsageError(f"input {port.index} '{port.name}' of the model '{self.name}' was not given")
        array = np.asarray(value)
        if array.shape[1:] != port.shape or array.dtype.name != port.dtype:
            raise UsageError(
                f"input '{port.name}' of '{self.name}' is {port.dtype} {list(port.shape)} a frame, "
                f"got {array.dtype.name} {list(array.shape[1:])}",
                "quantise and reshape the recording to the model's input",
            )
        return array

    def _ask(self, request: dict[str, Any], arrays: list[Array], seconds: float) -> Message:
        try:
            answer = self._worker.ask(request, arrays, seconds)
        except Lost as lost:
            if lost.silent:
                raise InvalidMeasurement(
                    f"{self.judge}'s reference kernels gave no answer on '{self.name}' within"
                    f" {seconds:.0f} s",
                    "is the model much larger than a microcontroller's, or the machine overloaded?",
                ) from lost
            raise InvalidMeasurement(
                f"{self.judge}'s reference kernels crashed on the model '{self.name}': the process {lost}",
                f"nothing can be judged without them; convert the model again, or report it to {self.judge}",
            ) from lost
        if "error" in answer[0]:
            raise UsageError(
                f"{self.judge} refuses the model '{self.name}': {answer[0]['error']}",
                "check the file with `tinyedge check`, or convert the model again",
            )
        return answer


def _port(item: dict[str, Any]) -> Port:
    return Port(
        name=item["name"],
        index=item["index"],
        shape=tuple(item["shape"]),
        dtype=item["dtype"],
        scale=tuple(item["scale"]),
        zero_point=tuple(item["zero_point"]),
    )
