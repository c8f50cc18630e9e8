# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model and inputs on stdin, gives the tensors of LiteRT's reference kernels on stdout.

Run by oracle.py as a process of its own, because some models crash LiteRT. LiteRT is imported before numpy is
used by anything else: the other order made it segfault once.
"""

from __future__ import annotations

from ai_edge_litert import interpreter as litert  # isort: skip

import contextlib
import functools
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.oracle import flatbuffer, sums
from tinyedge.process import worker

# Address space in bytes: a hostile tensor shape must exhaust this process and not the machine.
MEMORY_LIMIT = 8 << 30


# Newest version of an operator that the reference resolver has, where later ones only add types (of which its
# kernel refuses what it lacks) and the converter writes them all the same.
NEWEST = {
    schema.BuiltinOperator.ARG_MAX: 2,
    schema.BuiltinOperator.ARG_MIN: 2,
    schema.BuiltinOperator.DEPTH_TO_SPACE: 1,
    schema.BuiltinOperator.SQUEEZE: 1,
    schema.BuiltinOperator.TILE: 2,
    schema.BuiltinOperator.TRANSPOSE: 8,
}


def load(model: bytes, reference: bool = True) -> Any:
    """An interpreter on the reference kernels with its tensors allocated; raises what LiteRT raises.

    `reference`: False for LiteRT's other kernels, without those of XNNPACK.
    """
    resolver = litert.OpResolverType.BUILTIN_REF
    if not reference:
        resolver = litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    model = sums.replaced(model)
    try:
        return _allocate(model, resolver)
    except (RuntimeError, ValueError) as error:
        # CEIL, ELU and ROUND have no reference kernel; where all is float nobody is judged to the bit.
        if "builtin opcode" in str(error) and reference and _is_float(model):
            return load(model, reference=False)
        if not any(known in str(error) for known in ("quantized_dimension", "builtin opcode")):
            raise
        return _allocate(repaired(model), resolver)


def repaired(model: bytes) -> bytes:
    """A copy that says what was meant in words that the reference resolver knows; no number changes.

    An out-of-range quantized_dimension becomes 0: published models carry it on biases (copied from the
    weights' axis); a vector has one axis only and a single scale applies to all axes alike. Other tensors
    stay as they are. Versions of operators are lowered to those of `NEWEST`.
    """
    copy = bytearray(model)
    graphs = schema.Model.GetRootAs(copy, 0)
    for c in range(graphs.OperatorCodesLength()):
        code = graphs.OperatorCodes(c)
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if kind in NEWEST and code.Version() > NEWEST[kind]:
            table = code._tab
            field = table.Offset(8)  # vtable slot of field 2, version (int32)
            struct.pack_into("<i", copy, table.Pos + field, NEWEST[kind])
    for g in range(graphs.SubgraphsLength()):
        graph = graphs.Subgraphs(g)
        for t in range(graph.TensorsLength()):
            tensor = graph.Tensors(t)
            quantization = tensor.Quantization()
            if quantization is None or quantization.QuantizedDimension() < max(tensor.ShapeLength(), 1):
                continue
            if tensor.ShapeLength() == 1 or quantization.ScaleLength() <= 1:
                table = quantization._tab
                field = table.Offset(16)  # vtable slot of field 6, quantized_dimension (int32)
                struct.pack_into("<i", copy, table.Pos + field, 0)
    return bytes(copy)


def _is_float(model: bytes) -> bool:
    """Is no quantised number computed?"""
    root = flatbuffer.unpack(model)
    tensors = [graph.tensors[i] for graph in root.subgraphs for op in graph.operators for i in op.outputs]
    stored = (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)
    return not any(tensor.type in stored for tensor in tensors)


def _allocate(model: bytes, resolver: Any) -> Any:
    interpreter = litert.Interpreter(
        model_content=model,
        num_threads=1,
        experimental_op_resolver_type=resolver,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    return interpreter


def describe(interpreter: Any) -> dict[str, Any]:
    """Names, indices, shapes and quantisation of the model's inputs and outputs, JSON-ready."""

    def one(detail: Any) -> dict[str, Any]:
        parameters = detail["quantization_parameters"]
        return {
            "name": detail["name"],
            "index": int(detail["index"]),
            "shape": [int(n) for n in detail["shape"]],
            "dtype": np.dtype(detail["dtype"]).name,
            "scale": [float(s) for s in parameters["scales"]],
            "zero_point": [int(z) for z in parameters["zero_points"]],
        }

    return {
        "inputs": [one(d) for d in interpreter.get_input_details()],
        "outputs": [one(d) for d in interpreter.get_output_details()],
    }


def run(
    interpreter: Any,
    indices: list[int],
    inputs: list[Any],
    wanted: list[int],
    largest: int | None = None,
) -> list[Any]:
    """Runs frame by frame: inputs [N, ...], one for each of `indices`; gives [N, ...] per wanted tensor.

    Without inputs it is one frame. Raises ValueError where a frame's results have more than `largest` bytes.
    """
    results: list[list[Any]] = [[] for _ in wanted]
    frames = len(inputs[0]) if inputs else 1
    for frame in range(frames):
        for index, array in zip(indices, inputs, strict=True):
            interpreter.set_tensor(index, array[frame])
        interpreter.invoke()
        held = [interpreter.tensor(index)().nbytes for index in wanted] if largest is not None else []
        if sum(held) > (largest or 0):
            raise ValueError(f"its results have {sum(held)} bytes")
        for result, index in zip(results, wanted, strict=True):
            result.append(interpreter.get_tensor(index))
    return [np.stack(result) for result in results]


def _limit(memory: int) -> None:
    """Bytes of address space from here on; where a lower limit is set, it stays."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no Windows
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


@functools.cache
def _taken() -> int:
    """Bytes of address space that this process had when it was asked first."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return MEMORY_LIMIT


def main() -> None:
    """Answer requests until stdin ends. An answer with "error" is LiteRT's own refusal, in its words."""
    _limit(MEMORY_LIMIT)
    interpreter: Any = None
    model, reference = b"", True

    def answer(request: dict[str, Any], arrays: list[Any], progress: Any) -> Any:
        nonlocal interpreter, model, reference
        try:
            if request["do"] == "load":
                if "memory" in request:
                    _limit(_taken() + request["memory"])
                model, reference = arrays[0].tobytes(), request.get("reference", True)
                interpreter = load(model, reference)
                return describe(interpreter), []
            if request["do"] == "reset":
                # Not reset_all_variables(): that leaves resource variables (VAR_HANDLE) as they are.
                interpreter = load(model, reference)
                return {}, []
            wanted, largest = request["wanted"], request.get("largest")
            return {}, run(interpreter, request["inputs"], arrays, wanted, largest)
        except Exception as error:  # whatever LiteRT raises is the answer; the parent names the model
            text = str(error).strip() or type(error).__name__
            return {"error": text.splitlines()[0]}, []

    worker.serve(answer)


if __name__ == "__main__":
    main()
