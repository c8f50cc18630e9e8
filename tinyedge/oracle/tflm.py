# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model and inputs on stdin, gives the tensors that TensorFlow Lite Micro makes on stdout.

Run by oracle as a process of its own, as child.py, for models with operators of TFLM's own, or an
SVDF with a state of 8 bits, which LiteRT does not have. TFLM is PyPI's tflite-micro.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import flatbuffer, model_file
from tinyedge.process import worker

NAME = "TensorFlow Lite Micro"
INSTALL = "pip install tflite-micro"
BUFFER = b"CIRCULAR_BUFFER"
"""The one whose output is the state that it keeps."""
OWN = (b"Signal", BUFFER)
"""What the codes of TFLM's own custom operators begin with."""
ROOM = 1 << 20
"""Bytes that TFLM is lent beside those of the tensors, four times."""
MOST = 1 << 28
_STATE = 4  # of the inputs of SVDF


def judges(model: bytes) -> bool:
    """Has it operators that TFLM has and LiteRT has not? No, where the bytes are damaged: LiteRT says how."""
    try:
        root = schema.Model.GetRootAs(model, 0)
        codes = [root.OperatorCodes(i).CustomCode() for i in range(root.OperatorCodesLength())]
    except Exception:  # the accessors raise anything on broken offsets
        return False
    if any(code is not None and code.startswith(OWN) for code in codes):
        return True
    numbers = map(root.OperatorCodes, range(root.OperatorCodesLength()))
    kinds = {max(code.BuiltinCode(), code.DeprecatedBuiltinCode()) for code in numbers}
    return schema.BuiltinOperator.SVDF in kinds and _narrow(model)


def _narrow(model: bytes) -> bool:
    """Has an SVDF a state of 8 bits? LiteRT would read it as one of 16."""
    try:
        root = flatbuffer.unpack(model)
        kinds = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in root.operatorCodes]
        return any(
            kinds[operator.opcodeIndex] == schema.BuiltinOperator.SVDF
            and graph.tensors[operator.inputs[_STATE]].type == schema.TensorType.INT8
            for graph in root.subgraphs
            for operator in graph.operators
        )
    except Exception:  # as above
        return False


def installed() -> bool:
    """Is the package there?"""
    return importlib.util.find_spec("tflite_micro") is not None


class Interpreter:
    """TFLM with every tensor that an operator makes as an output, since it tells of nothing else."""

    def __init__(self, model: bytes) -> None:
        from tflite_micro import runtime

        root = flatbuffer.unpack(model)
        graph = root.subgraphs[0]
        self._tensors, self._inputs = graph.tensors, [int(i) for i in graph.inputs]
        self._own_outputs = [int(i) for i in graph.outputs]
        for operator in graph.operators:
            # Where a file does not say that this output is kept, TFLM may lend its memory to others.
            if root.operatorCodes[operator.opcodeIndex].customCode == BUFFER:
                graph.tensors[operator.outputs[0]].isVariable = True
        self._made = [int(i) for operator in graph.operators for i in operator.outputs]
        graph.outputs = self._made
        size = sum(np.prod(self._shape(i), dtype=np.int64) * self._width(i) for i in self._made)
        if size > MOST:
            raise ValueError(f"its tensors have {size} bytes")
        data = model_file.finished(root)
        self._interpreter = runtime.Interpreter.from_bytes(data, arena_size=4 * int(size) + ROOM)

    def describe(self) -> dict[str, Any]:
        """Names, indices, shapes and quantisation of the model's inputs and outputs, JSON-ready."""
        return {
            "inputs": [self._port(i) for i in self._inputs],
            "outputs": [self._port(i) for i in self._own_outputs],
        }

    def run(self, indices: list[int], inputs: list[Any], wanted: list[int]) -> list[Any]:
        """Frame by frame: inputs [N, ...], one for each of `indices`; gives [N, ...] per wanted tensor."""
        results: list[list[Any]] = [[] for _ in wanted]
        for frame in range(len(inputs[0])):
            for index, array in zip(indices, inputs, strict=True):
                self._interpreter.set_input(np.ascontiguousarray(array[frame]), self._inputs.index(index))
            self._interpreter.invoke()
            for result, index in zip(results, wanted, strict=True):
                if index in self._made:
                    result.append(np.array(self._interpreter.get_output(self._made.index(index))))
                else:
                    result.append(inputs[indices.index(index)][frame])
        return [np.stack(result) for result in results]

    def _port(self, index: int) -> dict[str, Any]:
        tensor = self._tensors[index]
        quantization = tensor.quantization
        given = quantization is not None and quantization.scale is not None
        return {
            "name": (tensor.name or b"").decode("utf-8", "replace"),
            "index": index,
            "shape": self._shape(index),
            "dtype": flatbuffer.DTYPES[tensor.type],
            "scale": [float(s) for s in quantization.scale] if given else [],
            "zero_point": [int(z) for z in quantization.zeroPoint] if given else [],
        }

    def _shape(self, index: int) -> list[int]:
        shape = self._tensors[index].shape
        return [] if shape is None else [int(n) for n in shape]

    def _width(self, index: int) -> int:
        return int(np.dtype(flatbuffer.DTYPES[self._tensors[index].type]).itemsize)


def main() -> None:
    """Answer requests until stdin ends. An answer with "error" is TFLM's own refusal, in its words."""
    interpreter: Interpreter | None = None
    model = b""

    def answer(request: dict[str, Any], arrays: list[Any], progress: Any) -> Any:
        nonlocal interpreter, model
        try:
            if request["do"] == "load":
                model = arrays[0].tobytes()
            if request["do"] in ("load", "reset"):
                interpreter = Interpreter(model)
                return interpreter.describe(), []
            assert interpreter is not None
            return {}, interpreter.run(request["inputs"], arrays, request["wanted"])
        except Exception as error:  # whatever TFLM raises is the answer; the parent names the model
            text = str(error).strip() or type(error).__name__
            return {"error": text.splitlines()[0]}, []

    worker.serve(answer)


if __name__ == "__main__":
    main()
