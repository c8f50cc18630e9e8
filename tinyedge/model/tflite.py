# SPDX-License-Identifier: Apache-2.0
"""Takes the bytes of a TFLite file, gives a Graph."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tinyedge import ops, paths, text
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import (
    ITEM_SIZE,
    STATES_AT_MOST,
    Array,
    Graph,
    IllFormed,
    Op,
    Quantization,
    Source,
    Tensor,
    alike,
    verify,
)
from tinyedge.model import c_array, calls, dense, labels, loops, states, unrolled
from tinyedge.oracle import flatbuffer
from tinyedge.oracle.kernels import Refused

_BUILTINS = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_OPTION_TYPES = {name.lower(): name for name in vars(schema) if name.endswith("OptionsT")}
_FREE = ("assign_variable", "call", "call_once", "hashtable", "hashtable_import", "if", "var_handle", "while")
_SHARED_OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2DOptionsT",
    "CONV_3D_TRANSPOSE": "Conv3DOptionsT",
    "L2_NORMALIZATION": "L2NormOptionsT",
    "L2_POOL_2D": "Pool2DOptionsT",
    "MAXIMUM": "MaximumMinimumOptionsT",
    "MAX_POOL_2D": "Pool2DOptionsT",
    "MEAN": "ReducerOptionsT",
    "MINIMUM": "MaximumMinimumOptionsT",
    "MULTINOMIAL": "RandomOptionsT",
    "RANDOM_STANDARD_NORMAL": "RandomOptionsT",
    "RANDOM_UNIFORM": "RandomOptionsT",
    "REDUCE_ALL": "ReducerOptionsT",
    "REDUCE_ANY": "ReducerOptionsT",
    "REDUCE_MAX": "ReducerOptionsT",
    "REDUCE_MIN": "ReducerOptionsT",
    "REDUCE_PROD": "ReducerOptionsT",
    "SUM": "ReducerOptionsT",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNNOptionsT",
}
"""Operators whose options are not called <operator>Options."""

SUFFIXES = (".tflite", *c_array.SUFFIXES)
SCHEMA = 3
"""The version of the TFLite schema that this reads; it has not changed since 2017."""

INSTEAD = {
    "string": "give the model the numbers that its words stand for, and convert it without what splits text",
    "complex64": "leave spectra out of the model: `[[preprocess]]` in tinyedge.toml makes them in integers",
    "variant": "give the .keras file of its recurrent layers; a converted one keeps lists of tensors",
}
"""What to do about types that no model on a device has."""

MAX_BYTES = 1 << 30
"""Largest file and tensor that is believed: far beyond any microcontroller, far below what the host has."""
_LONGEST_NAME = 20_000
"""Characters: a converter joins the names of all that it fuses, which are some thousands."""


def read(path: Path) -> bytes:
    """The bytes of a TFLite file, or of the C array that holds one; UsageError for anything else."""
    try:
        data = paths.read(path, MAX_BYTES)
        if path.suffix.lower() in c_array.SUFFIXES:
            data = c_array.parse(data.decode(errors="replace"), path)
    except OSError as error:
        raise UsageError(
            f"cannot read the model {path}: {error.strerror or error}", "check the path"
        ) from None
    if data[4:8] != b"TFL3":
        raise UsageError(
            f"{path} is not a TFLite file ({len(data)} bytes)", "convert or copy the model again"
        )
    return data


def lower(data: bytes, name: str) -> Graph:
    """Read a TFLite model as the file has it: operators that tinyedge lacks, too, and their options unread.

    The batch is 1. A dimension of an activation that the file leaves open is -1 until passes settle it.
    Raises UsageError where the bytes are not a whole, consistent model, and Unsupported, with all that is in
    the way, where the file holds something that no Graph can.
    """
    damaged = UsageError(
        f"{name}: this is not a complete TFLite model", "export the model again, or check how it was copied"
    )
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise damaged
    try:
        model = flatbuffer.unpack(data)
        graph = _read(model, data, name)
        verify(graph)
    except (IllFormed, _Damaged) as error:
        raise UsageError(f"{name}: {error}", damaged.hint) from error
    except (UsageError, MemoryError):  # flatbuffer.unpack holds what a file can ask for to its size
        raise
    except Exception as error:
        # The flatbuffer accessors have no verifier: broken offsets surface as struct.error, IndexError,
        # TypeError, ValueError, UnicodeDecodeError and others, which mean the same thing here.
        raise damaged from error
    return graph


class _Damaged(Exception):
    """An inconsistency inside the file."""


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise _Damaged(what)


def _read(model: Any, data: bytes, name: str) -> Graph:
    _need(model.version == SCHEMA, f"its schema version is {model.version}, not {SCHEMA}")
    _need(bool(model.subgraphs), "it has no graph")
    try:
        dense.settle(model)
    except Refused as refused:
        raise _Damaged(f"its sparse tensors cannot be read: {refused}") from refused
    foreign = [*_entries(model), *_storage(model)]
    if foreign:
        raise Unsupported(f"{name}: {'; '.join(what for what, _ in foreign)}", foreign[0][1])

    @functools.cache
    def called(number: int) -> Graph:
        _need(0 < number < len(model.subgraphs), f"it calls subgraph {number}, which does not exist")
        return _graph(model, model.subgraphs[number], data, name)

    graph = calls.resolve(_graph(model, model.subgraphs[0], data, name), called)
    graph = unrolled.resolve(states.resolve(graph, called), called)
    graph = loops.resolve(graph, called)
    kept = sum(graph.tensors[state].nbytes for state in graph.states)
    _need(kept <= STATES_AT_MOST, f"its states come to {kept:,} bytes: {STATES_AT_MOST:,} are possible")
    strange = [f"{t.name!r} has type {t.dtype}" for t in graph.tensors.values() if t.dtype not in ITEM_SIZE]
    if strange:
        what = f"{name}: tensor {', '.join(strange)}, which tinyedge does not have"
        kinds = {t.dtype for t in graph.tensors.values()}
        hints = [hint for dtype, hint in INSTEAD.items() if dtype in kinds]
        raise Unsupported(what, "; ".join(hints) or "quantise the model to int8 or int16x8")
    return graph


def _entries(model: Any) -> list[tuple[str, str]]:
    """What is wrong with the ways into the model, with a hint each."""
    found = []
    signatures = {int(s.subgraphIndex): _text(s.signatureKey) for s in _list(model.signatureDefs)}
    if len(signatures) > 1:
        names = text.listed(map(repr, signatures.values()))
        found.append(
            (
                f"it is {len(signatures)} models in one file: {names}",
                "convert one alone: `TFLiteConverter.from_saved_model(DIR, signature_keys=[NAME])`",
            )
        )
    first = model.subgraphs[0]
    for index in _list(first.inputs):
        _need(0 <= index < len(first.tensors), f"tensor number {index} does not exist")
        tensor = first.tensors[index]
        shape, signature = _shape(tensor)
        still = [i for i, n in enumerate(signature) if i > 0 and n == -1 and shape[i] <= 1]
        if still:
            label = _text(tensor.name)
            what = f"it leaves dimensions {', '.join(map(str, still))} of its input {label!r} open"
            found.append((what, "convert the model with a fixed input shape"))
    return found


def _storage(model: Any) -> list[tuple[str, str]]:
    """What is wrong with where tensors are kept, with a hint each."""
    hint = "convert the model into a single file"
    tensors = (tensor for subgraph in model.subgraphs for tensor in _list(subgraph.tensors))
    return [(f"tensor {_text(t.name)!r} is kept in another file", hint) for t in tensors if t.externalBuffer]


def _graph(model: Any, subgraph: Any, data: bytes, name: str) -> Graph:
    """One subgraph as it stands in the file, not verified."""
    names = _unique_names(subgraph.tensors)
    given = {int(i) for i in _list(subgraph.inputs)}
    tensors = [_tensor(model, t, names[i], i, i in given, data) for i, t in enumerate(subgraph.tensors)]

    def pick(index: int) -> Tensor | None:
        _need(-1 <= index < len(tensors), f"tensor number {index} does not exist")
        return None if index == -1 else tensors[index]

    def pick_all(indices: Any) -> tuple[str, ...]:
        found = [pick(int(i)) for i in _list(indices)]
        _need(None not in found, "a required tensor is left out")
        return tuple(t.name for t in found if t is not None)

    inputs, outputs = pick_all(subgraph.inputs), pick_all(subgraph.outputs)
    lowered, taken = [], set[str]()
    for operator in _list(subgraph.operators):
        source, kind = _source(model, operator)
        inside = [pick(int(i)) for i in _list(operator.intermediates)]
        source = replace(source, intermediates=tuple(None if t is None else t.quantization for t in inside))
        sources = [pick(int(i)) for i in _list(operator.inputs)]
        targets = pick_all(operator.outputs)
        plugged = bool(sources and targets) and sources[0] is not None
        _need(plugged or _is_free(kind), f"{kind.upper()} has no input or no output")
        read = tuple(None if t is None else t.name for t in sources)
        constants = [t.name for t in sources if t is not None and t.data is not None]
        shape = tensors[int(operator.outputs[0])].shape if targets else ()
        label = _numbered(labels.of(kind, targets[0] if targets else kind, shape, constants), taken)
        lowered.append(Op(kind, label, read, targets, source=source))
    used = {n for op in lowered for n in (*op.inputs, *op.outputs) if n is not None}.union(inputs, outputs)
    made = {n for op in lowered for n in op.outputs}
    kept = {t.name: t if t.name in made or t.name in inputs else _empty(t) for t in tensors if t.name in used}
    variables = _variables(subgraph, tensors, kept.keys() - made)
    return Graph(name, kept, tuple(lowered), inputs, outputs, variables)


def _is_free(kind: str) -> bool:
    """May an operator do without inputs or outputs?"""
    return kind.startswith("custom") or kind in _FREE


def _variables(subgraph: Any, tensors: list[Tensor], kept: set[str]) -> dict[str, Array]:
    """The initial values of variable tensors, which are states by another way: LiteRT's reset gives zeros."""
    found = {}
    for source, tensor in zip(subgraph.tensors, tensors, strict=True):
        if source.isVariable and tensor.name in kept and tensor.dtype in ITEM_SIZE:
            _need(tensor.data is None, f"variable tensor {tensor.name!r} is a constant, too")
            zero = tensor.zero_point if tensor.dtype == "int8" and tensor.quantization else 0
            found[tensor.name] = alike(tensor.shape, tensor.dtype, zero)
    return found


def _empty(tensor: Tensor) -> Tensor:
    """What nobody makes and has no elements is a constant, though the file holds no byte of it."""
    if tensor.data is not None or 0 not in tensor.shape or tensor.dtype not in ITEM_SIZE:
        return tensor
    return replace(tensor, data=np.zeros(tensor.shape, tensor.dtype))


def _source(model: Any, operator: Any) -> tuple[Source, str]:
    """An operator as the file has it, and its kind; a custom one's holds a blank, as no builtin's does."""
    code = model.operatorCodes[operator.opcodeIndex]
    builtin = _BUILTINS.get(max(code.builtinCode, code.deprecatedBuiltinCode), "unknown")
    options = operator.builtinOptions if operator.builtinOptions is not None else operator.builtinOptions2
    plain = _OPTION_TYPES.get(f"{builtin.replace('_', '').lower()}optionst")
    own = _SHARED_OPTIONS.get(builtin, plain)
    # LiteRT would silently ignore the options of another operator.
    _need(own is None or options is None or type(options).__name__ == own, f"{builtin} has another's options")
    if options is None and own is not None:
        options = getattr(schema, own)()  # what a file leaves out has its default
    given = "" if options is None else type(options).__name__.removesuffix("T")
    fields = {} if options is None else {key: _plain(value) for key, value in vars(options).items()}
    if builtin != "CUSTOM":
        return Source(builtin, int(code.version), given, fields), builtin.lower()
    kind = f"custom {_text(code.customCode)}"
    if kind.upper() in ops.operators():
        fields = _flat(bytes(_list(operator.customOptions)))
    return Source(builtin, int(code.version), given, fields), kind


def _flat(data: bytes) -> dict[str, Any]:
    """The numbers and truth values of a FlexBuffer's map, in which custom operators keep options."""
    if not data:
        return {}
    root = flexbuffers.GetRoot(data)
    _need(root.IsMap and len(root.AsMap) <= len(data), "the options of a custom operator are no map")
    found = {}
    for key, value in zip(root.AsMap.Keys, root.AsMap.Values, strict=True):
        _need(value.IsInt or value.IsBool, "an option of a custom operator is no number")
        found[key.AsKey] = value.AsBool if value.IsBool else value.AsInt
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return _text(value)
    return tuple(value.tolist()) if isinstance(value, np.ndarray) else value


def _list(values: Any) -> list[Any]:
    return [] if values is None or isinstance(values, int) else list(values)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _unique_names(tensors: list[Any]) -> list[str]:
    """TFLite allows tensors to share a name or have none. Of a giant one the middle is left out: a check of
    anything names it, and copies it for that."""
    names: list[str] = []
    seen: set[str] = set()
    for i, tensor in enumerate(tensors):
        name = _text(tensor.name) or f"tensor{i}"
        if len(name) > _LONGEST_NAME:
            name = f"{name[: _LONGEST_NAME // 2]}...{name[-_LONGEST_NAME // 2 :]}"
        while name in seen:
            name = f"{name}#{i}"
        seen.add(name)
        names.append(name)
    return names


def _numbered(label: str, taken: set[str]) -> str:
    name = label
    while name in taken:
        name = f"{name}#{len(taken)}"
    taken.add(name)
    return name


def _shape(source: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape with 1 for what is open, and the signature, which has -1 there."""
    shape, signature = (tuple(int(d) for d in _list(v)) for v in (source.shape, source.shapeSignature))
    signature = signature if len(signature) == len(shape) else shape
    return tuple(1 if d == -1 else d for d in shape), signature


def _tensor(model: Any, source: Any, name: str, index: int, given: bool, file: bytes) -> Tensor:
    """`given`: it is an input of the graph, whose batch is 1 where the file leaves it open."""
    shape, signature = _shape(source)
    dtype = flatbuffer.DTYPES.get(source.type, f"type {source.type}")
    _need(all(d >= 0 for d in shape), f"tensor {name!r} has shape {shape}")
    _need(
        math.prod(shape) * ITEM_SIZE.get(dtype, 1) <= MAX_BYTES,
        f"tensor {name!r} of shape {shape} is too large",
    )
    data = _data(model, source, shape, dtype, name, file)
    if data is not None and dtype == "int4":
        dtype = "int8"  # LiteRT's kernels compute with both alike: int4 is a way to store them
    elif data is None and not given and not source.isVariable:
        shape = tuple(-1 if n == -1 else d for d, n in zip(shape, signature, strict=True))
    return Tensor(name, shape, dtype, _quantization(source.quantization, shape, name, data), data, index)


def _data(
    model: Any, source: Any, shape: tuple[int, ...], dtype: str, name: str, file: bytes
) -> Array | None:
    """The elements of a constant; None for what is computed and for types without a numpy form."""
    _need(0 <= source.buffer < len(model.buffers), f"tensor {name!r} has no buffer number {source.buffer}")
    buffer = model.buffers[source.buffer]
    raw = buffer.data
    if buffer.offset > 1:  # behind the flatbuffer, as in files of more than 2 GB; 1 is a placeholder
        _need(buffer.offset + buffer.size <= len(file), f"tensor {name!r} lies beyond the end of the file")
        raw = np.frombuffer(file, np.uint8, buffer.size, buffer.offset)
    if not isinstance(raw, np.ndarray) or not raw.size:
        return None
    size, held = math.prod(shape), raw.size
    if dtype == "int4":
        _need(held == (size + 1) // 2, f"tensor {name!r} of shape {shape} and type int4 holds {held} bytes")
        halves = np.stack([raw << 4, raw & 0xF0], axis=-1).view(np.int8) >> 4
        return halves.reshape(-1)[:size].reshape(shape)
    if dtype not in ITEM_SIZE:
        return None
    _need(
        held == size * ITEM_SIZE[dtype],
        f"tensor {name!r} of shape {shape} and type {dtype} holds {held} bytes",
    )
    return np.frombuffer(raw.tobytes(), np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)


def _quantization(source: Any, shape: tuple[int, ...], name: str, data: Array | None) -> Quantization | None:
    if source is None or not _list(source.scale):
        return None
    scale = tuple(float(s) for s in source.scale)
    zero_point = tuple(int(z) for z in _list(source.zeroPoint)) or (0,) * len(scale)
    if data is not None and not data.any() and not any(zero_point):
        # TensorFlow gives constants that are all zero a scale of 0; with any other they are zero, too.
        scale = tuple(s or 2.0**-15 for s in scale)
    _need(all(math.isfinite(s) and s > 0 for s in scale), f"tensor {name!r} has a scale that is not positive")
    _need(
        all(-(2**31) <= z < 2**31 for z in zero_point),
        f"tensor {name!r} has a zero point of more than 32 bits",
    )
    _need(
        len(zero_point) in (1, len(scale)),
        f"tensor {name!r} has {len(scale)} scales, {len(zero_point)} zero points",
    )
    if len(scale) == 1:
        return Quantization(scale, zero_point[:1])
    # Some exporters leave a bias the axis of its weights; a vector has only one dimension to choose.
    axis = 0 if len(shape) == 1 else int(source.quantizedDimension)
    _need(
        0 <= axis < len(shape) and shape[axis] == len(scale),
        f"tensor {name!r} of shape {shape} has {len(scale)} scales along dimension {axis}",
    )
    return Quantization(scale, zero_point if len(zero_point) > 1 else zero_point * len(scale), axis)
