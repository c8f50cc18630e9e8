# SPDX-License-Identifier: Apache-2.0
"""Takes the bytes of a TFLite file, gives a Graph; the only module that touches flatbuffers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge import ops
from tinyedge.errors import Unsupported, UsageError
from tinyedge.graph import ITEM_SIZE, Graph, IllFormed, Op, Quantization, Tensor, verify

_BUILTINS = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
_DTYPES = {v: k.lower() for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
_OPTION_TYPES = {name.lower(): name for name in vars(schema) if name.endswith("OptionsT")}

SCHEMA = 3
"""The version of the TFLite schema that this reads; it has not changed since 2017."""

MAX_BYTES = 1 << 30
"""Largest tensor that is believed: far beyond any microcontroller, far below what would exhaust the host."""


def lower(data: bytes, name: str) -> Graph:
    """Read a TFLite model of one subgraph.

    Raises UsageError where the bytes are not a whole, consistent model, and Unsupported, naming every
    operator concerned, where the model uses what tinyedge does not have.
    """
    damaged = UsageError(
        f"{name}: this is not a complete TFLite model", "export the model again, or check how it was copied"
    )
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise damaged
    try:
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        graph = _read(model, name)
        verify(graph)
    except (IllFormed, _Damaged) as error:
        raise UsageError(f"{name}: {error}", damaged.hint) from error
    except UsageError:
        raise
    except Exception as error:
        # The flatbuffer accessors have no verifier: broken offsets surface as struct.error, IndexError,
        # TypeError, ValueError, MemoryError, UnicodeDecodeError and others, which mean the same thing here.
        raise damaged from error
    return graph


class _Damaged(Exception):
    """An inconsistency inside the file."""


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise _Damaged(what)


def _read(model: Any, name: str) -> Graph:
    _need(model.version == SCHEMA, f"its schema version is {model.version}, not {SCHEMA}")
    if len(model.subgraphs) != 1:
        raise Unsupported(
            f"{name} has {len(model.subgraphs)} subgraphs; tinyedge compiles models with one",
            "remove control flow (if, while, call) from the model",
        )
    subgraph = model.subgraphs[0]
    names = _unique_names(subgraph.tensors)
    tensors = [_tensor(model, t, names[i], i) for i, t in enumerate(subgraph.tensors)]

    def pick(index: int) -> Tensor | None:
        _need(-1 <= index < len(tensors), f"tensor number {index} does not exist")
        return None if index == -1 else tensors[index]

    def pick_all(indices: Any) -> tuple[Tensor, ...]:
        found = [pick(int(i)) for i in indices]
        _need(None not in found, "a required tensor is left out")
        return tuple(t for t in found if t is not None)

    inputs, outputs = pick_all(subgraph.inputs), pick_all(subgraph.outputs)
    nodes, missing = [], []
    for operator in subgraph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        builtin = _BUILTINS.get(max(code.builtinCode, code.deprecatedBuiltinCode), "unknown")
        if builtin == "CUSTOM":
            builtin = f"custom operator {_text(code.customCode)}"
        if builtin not in ops.operators():
            missing.append(builtin)
            continue
        sources = tuple(pick(int(i)) for i in _list(operator.inputs))
        nodes.append((builtin, operator, sources, pick_all(_list(operator.outputs))))
    if missing:
        raise Unsupported(
            f"{name} uses {', '.join(dict.fromkeys(missing))}, which tinyedge does not have",
            f"replace these layers; there are: {', '.join(sorted(ops.operators()))}",
        )
    taken: set[str] = set()
    lowered = []
    for builtin, operator, sources, targets in nodes:
        _need(bool(targets), f"{builtin} has no output")
        label = _layer_name(targets[0].name, taken)
        options = _options(builtin, operator.builtinOptions)
        try:
            attrs = ops.lookup(builtin).read(options, sources)
        except Unsupported as error:
            raise Unsupported(f"layer {label!r} ({builtin}): {error}", error.hint) from error
        lowered.append(
            Op(
                builtin.lower(),
                label,
                tuple(None if t is None else t.name for t in sources),
                tuple(t.name for t in targets),
                attrs,
            )
        )
    used = {n for op in lowered for n in (*op.inputs, *op.outputs) if n is not None}
    used |= {t.name for t in (*inputs, *outputs)}
    kept = {t.name: t for t in tensors if t.name in used}
    for tensor in kept.values():
        if tensor.dtype not in ITEM_SIZE:
            raise Unsupported(
                f"{name}: tensor {tensor.name!r} has type {tensor.dtype}, which tinyedge does not have",
                "quantise the model to int8 or int16x8",
            )
    return Graph(name, kept, tuple(lowered), tuple(t.name for t in inputs), tuple(t.name for t in outputs))


def _options(builtin: str, options: Any) -> dict[str, Any]:
    """Builtin options by field; LiteRT would silently ignore those of another operator."""
    if options is None:
        return {}
    own = _OPTION_TYPES.get(f"{builtin.replace('_', '').lower()}optionst")
    _need(own in (None, type(options).__name__), f"{builtin} has the options of another operator")
    return dict(vars(options))


def _list(values: Any) -> list[Any]:
    return [] if values is None or isinstance(values, int) else list(values)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _unique_names(tensors: list[Any]) -> list[str]:
    """TFLite allows tensors to share a name or have none."""
    names: list[str] = []
    seen: set[str] = set()
    for i, tensor in enumerate(tensors):
        name = _text(tensor.name) or f"tensor{i}"
        while name in seen:
            name = f"{name}#{i}"
        seen.add(name)
        names.append(name)
    return names


def _layer_name(output: str, taken: set[str]) -> str:
    """A layer is called after its output, up to where the converter lists what it fused, and numbered."""
    name = output.split(";")[0] or "layer"
    while name in taken:
        name = f"{name}#{len(taken)}"
    taken.add(name)
    return name


def _tensor(model: Any, source: Any, name: str, index: int) -> Tensor:
    shape = tuple(int(d) for d in _list(source.shape))
    dtype = _DTYPES.get(source.type, f"type {source.type}")
    _need(all(d >= 0 for d in shape), f"tensor {name!r} has shape {shape}")
    _need(
        math.prod(shape) * ITEM_SIZE.get(dtype, 1) <= MAX_BYTES,
        f"tensor {name!r} of shape {shape} is too large",
    )
    if source.isVariable:
        raise Unsupported(
            f"tensor {name!r} is a state variable; tinyedge has no stateful models yet", "remove the state"
        )
    if source.sparsity is not None:
        raise Unsupported(f"tensor {name!r} is stored sparse", "convert the model without sparsity")
    _need(0 <= source.buffer < len(model.buffers), f"tensor {name!r} has no buffer number {source.buffer}")
    raw = model.buffers[source.buffer].data
    data = None
    if isinstance(raw, np.ndarray) and raw.size and dtype in ITEM_SIZE:
        _need(
            raw.size == math.prod(shape) * ITEM_SIZE[dtype],
            f"tensor {name!r} of shape {shape} and type {dtype} holds {raw.size} bytes",
        )
        data = np.frombuffer(raw.tobytes(), np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)
    return Tensor(name, shape, dtype, _quantization(source.quantization, shape, name), data, index)


def _quantization(source: Any, shape: tuple[int, ...], name: str) -> Quantization | None:
    if source is None or not _list(source.scale):
        return None
    scale = tuple(float(s) for s in source.scale)
    zero_point = tuple(int(z) for z in _list(source.zeroPoint)) or (0,) * len(scale)
    _need(all(math.isfinite(s) and s > 0 for s in scale), f"tensor {name!r} has a scale that is not positive")
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
