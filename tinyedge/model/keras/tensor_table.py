# SPDX-License-Identifier: Apache-2.0
"""Takes TFLite bytes of any model, float ones too, gives the tensors that its operators write.

`tinyedge.model.tflite` reads what tinyedge compiles; this reads just enough of the rest to compare and to
refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.build import Spec
from tinyedge.oracle import flatbuffer
from tinyedge.passes import reading

_BUILTINS = {v: k.lower() for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_FLOATS = ("float16", "float32", "float64", "bfloat16")


@dataclass(frozen=True)
class Written:
    """A tensor that an operator writes: its TFLite index, the operator's kind, what the tensor is."""

    index: int
    kind: str
    spec: Spec


@dataclass(frozen=True)
class Table:
    """The first subgraph's inputs, outputs and written tensors, in execution order; islands of all subgraphs.

    `islands`: (operator kind, name of its first output) of every operator that computes in float, quantising
    and dequantising apart.
    """

    inputs: tuple[Spec, ...]
    outputs: tuple[Spec, ...]
    written: tuple[Written, ...]
    islands: tuple[tuple[str, str], ...]


def read(data: bytes) -> Table:
    """Read a well-formed model (one that a converter just made)."""
    model = flatbuffer.unpack(data)
    codes = [_kind(code) for code in model.operatorCodes]
    islands = []
    for graph in model.subgraphs:
        for operator in graph.operators:
            kind = codes[operator.opcodeIndex]
            tensors = [graph.tensors[i] for i in (*_of(operator.inputs), *_of(operator.outputs)) if i >= 0]
            if kind not in reading.BORDER and any(
                flatbuffer.DTYPES[tensor.type] in _FLOATS for tensor in tensors
            ):
                # An assignment has no output: it is called after what it takes.
                islands.append((kind, graph.tensors[(*operator.outputs, *operator.inputs)[0]].name.decode()))
    first = model.subgraphs[0]
    read_by = [int(i) for operator in first.operators for i in _of(operator.inputs)]
    used = {*read_by, *map(int, first.outputs)}
    written = tuple(
        Written(int(index), codes[operator.opcodeIndex], _spec(first.tensors[index]))
        for operator in first.operators
        for index in _of(operator.outputs)
        if flatbuffer.DTYPES[first.tensors[index].type] != "resource"
        # LiteRT has no memory for what nobody reads of a loop's.
        and (int(index) in used or codes[operator.opcodeIndex] != "while")
    )
    return Table(
        tuple(_spec(first.tensors[i]) for i in first.inputs),
        tuple(_spec(first.tensors[i]) for i in first.outputs),
        written,
        tuple(islands),
    )


def broken(data: bytes) -> list[str]:
    """Names of float constants that hold what is no number (NaN), of a well-formed model."""
    model = flatbuffer.unpack(data)
    return [
        tensor.name.decode()
        for graph in model.subgraphs
        for tensor in graph.tensors
        if tensor.type == schema.TensorType.FLOAT32
        and model.buffers[tensor.buffer].data is not None
        and np.isnan(np.frombuffer(bytes(model.buffers[tensor.buffer].data), "<f4")).any()
    ]


def _of(numbers: Iterable[int] | None) -> Iterable[int]:
    """Tensors of an operator: a list that is empty may not be there, as inputs of VAR_HANDLE."""
    return () if numbers is None else numbers


def _kind(code: schema.OperatorCodeT) -> str:
    if code.customCode:
        return str(code.customCode.decode())
    # Old files use the one-byte field only; new ones keep it at 127 for codes that do not fit.
    kind: str = _BUILTINS[max(code.builtinCode, code.deprecatedBuiltinCode)]
    return kind


def _spec(tensor: schema.TensorT) -> Spec:
    quantization = tensor.quantization
    # The generated reader gives numpy arrays, or None for a vector that is not in the file.
    scale: list[float] = (
        [] if quantization is None or quantization.scale is None else list(quantization.scale)
    )
    zero: list[int] = (
        [] if quantization is None or quantization.zeroPoint is None else list(quantization.zeroPoint)
    )
    shape = tensor.shape if tensor.shape is not None else ()
    return Spec(
        tensor.name.decode(),
        tuple(int(n) for n in shape),
        flatbuffer.DTYPES[tensor.type],
        float(scale[0]) if scale else None,
        int(zero[0]) if zero else None,
    )
