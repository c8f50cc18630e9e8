# SPDX-License-Identifier: Apache-2.0
"""Takes float Graphs with LSTMs as operators of TFLite, gives their cells' values and their integer form.

Google's quantizer leaves UNIDIRECTIONAL_SEQUENCE_LSTM in float. In integers it is as TensorFlow writes it for
Keras' LSTM: weights of int8 with one scale each, results of int8, cells of int16 in a power of two that holds
the largest that calibration saw. BIDIRECTIONAL_SEQUENCE_LSTM is two of them, one on the reversed rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Array, Graph, Op, Quantization, Source, Tensor, alike, unused
from tinyedge.ops import lstm

KIND, BOTH_WAYS = "unidirectional_sequence_lstm", "bidirectional_sequence_lstm"
BACK = 17
"""How far behind the forward weights and biases of BOTH_WAYS those of the backward layer stand."""
STATES = (35, 36), (37, 38)
"""Of BOTH_WAYS: result and cells, forward and backward."""
ROUND, MEAN = Source("QUANTIZE", 1, "QuantizeOptions"), Source("DEQUANTIZE", 1, "DequantizeOptions")
Ranges = Mapping[str, tuple[float, float]]


def one_way(graph: Graph) -> Graph:
    """The graph with two LSTMs, a REVERSE_V2 on either side of one, for each that runs both ways."""
    tensors, ops = dict(graph.tensors), list[Op]()
    for op in graph.ops:
        plain = op.source is not None and len(op.inputs) >= STATES[1][1] + 1
        if op.kind == BOTH_WAYS and plain and not any(op.inputs[STATES[1][1] + 1 :]):
            ops += _two(graph, op, tensors)
        else:
            ops.append(op)
    return replace(graph, tensors=tensors, ops=tuple(ops))


def _two(graph: Graph, op: Op, tensors: dict[str, Tensor]) -> list[Op]:
    assert op.source is not None
    options = op.source.options
    merged, major = bool(options.get("mergeOutputs")), bool(options.get("timeMajor"))
    kept = {k: v for k, v in options.items() if k != "mergeOutputs"}
    source = Source(lstm.operator.tflite[0], 1, "UnidirectionalSequenceLSTMOptions", kept)
    cells = [graph.input(op, at + lstm.WEIGHTS[1]).shape[0] for at in (0, BACK)]
    rows = graph.input(op, 0)

    def tensor(name: str, like: Tensor, shape: tuple[int, ...] | None = None) -> str:
        new = unused(f"{op.name}/{name}", tensors)
        tensors[new] = replace(like, name=new, shape=shape or like.shape, index=None)
        return new

    axis = unused(f"{op.name}/axis", tensors)
    tensors[axis] = Tensor(axis, (1,), "int32", None, np.array([0 if major else 1], np.int32))
    turned = tensor("turned", rows)
    reverse = Source("REVERSE_V2", 1, "ReverseV2Options", {})
    made = [Op("reverse_v2", turned, (rows.name, axis), (turned,), source=reverse)]
    ends = []
    for way, (given, first) in enumerate(((rows.name, 0), (turned, BACK))):
        inputs: list[str | None] = [None] * lstm.COUNT
        inputs[0] = given
        for at in range(1, 18):
            inputs[at] = op.inputs[at + first]
        inputs[lstm.STATE], inputs[lstm.MEMORY] = (op.inputs[at] for at in STATES[way])
        whole = op.outputs[0] if merged or way == 0 else op.outputs[1]
        shape = (*rows.shape[:-1], cells[way])
        plain = whole if way == 0 and not merged else tensor(f"way{way}", graph.tensors[whole], shape)
        made.append(Op(KIND, f"{op.name}/way{way}", tuple(inputs), (plain,), source=source))
        if way == 1:
            back = tensor("back", tensors[plain]) if merged else whole
            made.append(Op("reverse_v2", f"{op.name}/back", (plain, axis), (back,), source=reverse))
            plain = back
        ends.append(plain)
    if merged:
        joined = {"axis": len(rows.shape) - 1, "fusedActivationFunction": 0}
        join = Source("CONCATENATION", 1, "ConcatenationOptions", joined)
        made.append(Op("concatenation", op.name, tuple(ends), (op.outputs[0],), source=join))
    return made


def cells(graph: Graph, op: Op, rows: Array) -> Array:
    """All cells that the layer has over [frames, *shape of its input]: [batches, steps of all frames, cells].

    As LiteRT keeps its states from run to run, a frame begins where the one before ended.
    """
    assert op.source is not None
    if rows.ndim == 4 and not op.source.options["timeMajor"]:
        rows = rows.swapaxes(1, 2)
    rows = rows.reshape(-1, *rows.shape[-2:]).swapaxes(0, 1)
    clip = float(op.source.options["cellClip"]) or np.inf
    fed = [
        rows @ _held(graph, op, at).T + _held(graph, op, b)
        for at, b in zip(lstm.WEIGHTS, lstm.BIAS, strict=True)
    ]
    memory = result = np.zeros((*rows.shape[:-2], fed[0].shape[-1]))
    found = []
    for step in range(rows.shape[-2]):
        told = [
            gate[..., step, :] + result @ _held(graph, op, at).T
            for gate, at in zip(fed, lstm.RECURRENT, strict=True)
        ]
        enter, keep, leave = (0.5 + 0.5 * np.tanh(told[gate] / 2) for gate in (0, 1, 3))
        memory = np.clip(keep * memory + enter * np.tanh(told[2]), -clip, clip)
        result = leave * np.tanh(memory)
        found.append(memory)
    return np.stack(found, axis=-2)


def is_plain(graph: Graph, op: Op) -> bool:
    """Is it an LSTM with all gates and no more, whose weights are constants?"""
    if op.kind != KIND or op.source is None or len(op.inputs) <= lstm.MEMORY:
        return False
    needed = (*lstm.WEIGHTS, *lstm.RECURRENT, *lstm.BIAS)
    extra = (n for at, n in enumerate(op.inputs) if at not in (0, lstm.STATE, lstm.MEMORY, *needed))
    held = (graph.optional_input(op, at) for at in needed)
    whole = all(t is not None and t.data is not None and t.dtype == "float32" for t in held)
    return whole and not any(extra) and op.source.options["fusedActivationFunction"] == lstm.TANH


def _held(graph: Graph, op: Op, at: int) -> Array:
    data = graph.input(op, at).data
    assert data is not None
    return data


def integer(graph: Graph, ranges: Ranges) -> Graph:
    """The graph with all plain float LSTMs in int8. ranges: of what they read and give, and of cells."""
    for op in graph.ops:
        if is_plain(graph, op) and graph.output(op).dtype == "float32":
            graph = _integer(graph, op, ranges)
    return graph.pruned()


def _integer(graph: Graph, op: Op, ranges: Ranges) -> Graph:
    """The graph with the layer in integers, and QUANTIZE and DEQUANTIZE where others meet it in float."""
    assert op.source is not None
    tensors, states = dict(graph.tensors), dict(graph.states)
    maker, given, before = graph.makers().get(op.inputs[0] or ""), graph.input(op, 0), list[Op]()
    if maker is not None and maker.kind == "dequantize":
        given = graph.input(maker, 0)
    elif maker is None:
        given = tensors[given.name] = _byte(given, ranges)
    else:
        rounded = replace(_byte(given, ranges), name=unused(f"{op.name}/given", tensors), index=None)
        before.append(Op("quantize", rounded.name, (given.name,), (rounded.name,), source=ROUND))
        given = tensors[rounded.name] = rounded
    readers = graph.readers()[op.outputs[0]]
    ends = [graph.output(end) for end in readers if end.kind == "quantize"]
    result = _byte(graph.output(op), ranges)
    result = replace(result, quantization=ends[0].quantization) if ends else result
    same = {end.name: result.name for end in ends if end.quantization == result.quantization}
    after = []
    if any(end.kind != "quantize" for end in readers):
        real = unused(f"{op.name}/real", tensors)
        tensors[real] = replace(graph.output(op), name=real, index=None)
        after.append(Op("dequantize", real, (result.name,), (real,), source=MEAN))
    tensors[result.name] = result
    state, memory = graph.input(op, lstm.STATE), graph.input(op, lstm.MEMORY)
    most = max(map(abs, ranges[memory.name]))
    exponent = min(max(math.ceil(math.log2(most / 2**15)) if most else -15, -15), -9)
    tensors[state.name] = replace(state, dtype="int8", quantization=result.quantization)
    tensors[memory.name] = replace(memory, dtype="int16", quantization=Quantization((2.0**exponent,), (0,)))
    states[state.name] = alike(state.shape, "int8", result.zero_point)
    states[memory.name] = alike(memory.shape, "int16")
    source = replace(op.source, version=1, intermediates=(None,) * lstm.HIDDEN + (result.quantization,))
    new = replace(op, inputs=_constants(graph, op, given, tensors), source=source)
    ops: list[Op] = []
    for each in graph.ops:
        if each.name == op.name:
            ops += [*before, new, *after]
        elif not each.outputs or each.outputs[0] not in same:
            floats = {result.name: after[0].outputs[0]} if after and each.kind != "quantize" else {}
            called = {**same, **floats}
            ops.append(replace(each, inputs=tuple(called.get(n or "", n) for n in each.inputs)))
    outputs = tuple(same.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs, states=states)


def _constants(graph: Graph, op: Op, given: Tensor, tensors: dict[str, Tensor]) -> tuple[str | None, ...]:
    """The inputs of the integer layer, which reads `given`; its weights and biases are added to `tensors`."""
    inputs: list[str | None] = [given.name, *op.inputs[1:]]
    biases: tuple[int | None, ...] = (*lstm.BIAS, *[None] * len(lstm.RECURRENT))
    for at, bias in zip((*lstm.WEIGHTS, *lstm.RECURRENT), biases, strict=True):
        weights = _held(graph, op, at).astype(np.float64)
        scale = float(np.float32(np.abs(weights).max(initial=0) / LIMITS["int8"][1])) or 1.0
        inputs[at] = _add(tensors, op, graph.input(op, at), scale, np.round(weights / scale).astype(np.int8))
        if bias is not None:
            both = float(np.float32(given.scale * scale))
            sums = np.clip(np.round(_held(graph, op, bias).astype(np.float64) / both), *LIMITS["int32"])
            inputs[bias] = _add(tensors, op, graph.input(op, bias), both, sums.astype(np.int32))
    return tuple(inputs)


def _byte(tensor: Tensor, ranges: Ranges) -> Tensor:
    """The tensor in int8, at the scale that its range and zero need."""
    low, high = min(0.0, ranges[tensor.name][0]), max(0.0, ranges[tensor.name][1])
    scale = float(np.float32((high - low) / 255)) or 1.0
    return replace(tensor, dtype="int8", quantization=Quantization((scale,), (round(-128 - low / scale),)))


def _add(tensors: dict[str, Tensor], op: Op, real: Tensor, scale: float, values: Array) -> str:
    name = unused(f"{op.name}/{real.name}", tensors)
    tensors[name] = Tensor(name, real.shape, values.dtype.name, Quantization((scale,), (0,)), values)
    return name
