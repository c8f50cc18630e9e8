# SPDX-License-Identifier: Apache-2.0
"""Takes small Graphs of operators from a TFLite file, gives what LiteRT's reference kernels make of them.

One process runs them one after another; it is started when the first is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from tinyedge.graph import Array, Graph
from tinyedge.oracle import model_file
from tinyedge.process.messages import Message
from tinyedge.process.worker import Lost, Worker

SECONDS = 60.0  # for one small model; a millisecond is usual
LARGEST = 64 << 20  # bytes of all results of one model: more than a microcontroller's flash
MEMORY = 512 << 20  # bytes of address space for models, whatever shapes they come to
MOST = 1 << 30
"""Steps of all models that are run, three seconds; counted, so that a file always ends the same way."""
STEPS = 32  # for an element of an output; a multiplication is one
_MULTIPLY = ("fully_connected", "conv_2d", "depthwise_conv_2d", "transpose_conv", "batch_matmul", "conv_3d")


class Refused(Exception):
    """LiteRT does not run this; the text says why, in its words."""


class Kernels:
    """LiteRT's reference kernels. Use as a context manager: the process never outlives it."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._steps = 0

    def __enter__(self) -> Kernels:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; may be called again."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def shapes(self, graph: Graph) -> dict[str, tuple[int, ...]]:
        """The shapes that LiteRT gives the graph's outputs before anything runs. Raises Refused."""
        ports = self._load(graph)
        return dict(zip(graph.outputs, (tuple(port["shape"]) for port in ports["outputs"]), strict=True))

    def run(
        self, graph: Graph, inputs: Mapping[str, Array] | None = None, reference: bool = True
    ) -> dict[str, Array]:
        """The graph's outputs by name, in the shapes that they have in the end. Raises Refused.

        An input that is not given has the right shape and no particular values. reference: False for the few
        operators that have no reference kernel, but one kernel for all.
        """
        self._count(graph)
        number = {name: i for i, name in enumerate(graph.tensors)}
        given = {} if inputs is None else {number[name]: value for name, value in inputs.items()}
        self._load(graph, reference)
        return dict(zip(graph.outputs, self._run([number[n] for n in graph.outputs], given), strict=True))

    def run_file(self, data: bytes, wanted: Sequence[int]) -> list[Array]:
        """Tensors of a TFLite file by number, after a run with any inputs. Raises Refused."""
        self._ask({"do": "load", "memory": MEMORY}, [np.frombuffer(data, np.uint8)])
        return self._run(wanted, {})

    def _run(self, wanted: Sequence[int], given: Mapping[int, Array]) -> list[Array]:
        request = {"do": "run", "inputs": [*given], "wanted": [*wanted], "largest": LARGEST}
        _, arrays = self._ask(request, [value[np.newaxis] for value in given.values()])
        return [array[0] for array in arrays]

    def _count(self, graph: Graph) -> None:
        """Raise Refused where the models that ran so far and this one take more than `MOST` steps."""
        for op in graph.ops:
            outputs = sum(max(0, graph.tensors[name].size) for name in op.outputs)
            weights = [graph.tensors[name].shape for name in op.inputs[1:2] if name is not None]
            depth = 1
            if op.kind in _MULTIPLY and weights and min(weights[0], default=0) > 0:
                depth = math.prod(weights[0]) // min(weights[0])
            self._steps += outputs * max(STEPS, depth)
        if self._steps > MOST:
            raise Refused(f"it takes more than {MOST:,} steps")

    def _load(self, graph: Graph, reference: bool = True) -> dict[str, Any]:
        data = np.frombuffer(model_file.write(graph), np.uint8)
        return self._ask({"do": "load", "reference": reference, "memory": MEMORY}, [data])[0]

    def _ask(self, request: dict[str, Any], arrays: list[Array]) -> Message:
        if self._worker is None:
            self._worker = Worker("tinyedge.oracle.child")
        try:
            header, answer = self._worker.ask(request, arrays, SECONDS)
        except Lost as lost:
            self.close()
            raise Refused(f"the process {lost}") from lost
        if "error" in header:
            raise Refused(header["error"])
        return header, answer
