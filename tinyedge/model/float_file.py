# SPDX-License-Identifier: Apache-2.0
"""Takes a float, dynamic-range or uint8 TFLite file, or an ONNX one, and data, gives an integer model."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinyedge import passes, recording, text
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.build import Spec
from tinyedge.errors import ToolMissing, Unsupported, UsageError, together
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.model import bias_room, float_lstm, integer_pieces, lacking, onnx_file, tflite, unread
from tinyedge.model.keras import quantize
from tinyedge.model.keras.names import Names
from tinyedge.model.keras.quantize import Quantized
from tinyedge.model.kinds import ONNX, SAMPLES, Progress
from tinyedge.ops import lstm
from tinyedge.oracle import Oracle, model_file
from tinyedge.passes import instead, reading
from tinyedge.process.worker import Lost, Worker
from tinyedge.recording import Recording, sample_file

INSTALL = 'pip install "tinyedge[quantizer]"'
SECONDS = 600.0  # for the whole model; a second is usual
_BATCH_BYTES = 32 << 20  # of tensors held at a time while their ranges are taken
KERAS = f"{instead.REPLACE}; or give the .keras file that it was converted from"
WEIGHTS = ("int8", "uint8", "float16")
"""Types of weights that a float operator may have."""
SAME = (
    "expand_dims",
    "maximum",
    "minimum",
    "reverse_v2",
    "squeeze",
    "tile",
    "depth_to_space",
    "batch_to_space_nd",
)
"""Operators that the package leaves in float, whose integer kernels want one scale for all tensors."""


def convert(
    model: Path,
    calibration: Path,
    scheme: str = "int8",
    samples: int = SAMPLES,
    window: int | None = None,
    hop: int | None = None,
    labels: Path | None = None,
    progress: Progress | None = None,
) -> Quantized:
    """As `keras.quantize.convert`, from a TFLite or ONNX file; ToolMissing without the package."""
    onnx = model.suffix.lower() == ONNX
    lowered = tflite.lower(onnx_file.convert(model) if onnx else tflite.read(model), model.stem)
    graph = real_graph(lowered)
    if importlib.util.find_spec("litert_quantizer") is None:
        raise ToolMissing(
            f"Google's quantizer is needed to make {model} integer and is not installed", INSTALL
        )
    specs = [Spec(name, graph.tensors[name].shape, graph.tensors[name].dtype) for name in graph.inputs]
    frames = recording.fit(sample_file.read(calibration, inputs=graph.inputs), specs, window, hop, labels)
    chosen = frames.spread(samples)
    real = model_file.write(graph)
    measured = _ranges(graph, real, chosen, progress)
    ranges = _shared(graph, measured | _stored(lowered, graph))
    warnings = quantize.calibration_warnings(calibration, chosen)
    for name, (low, high) in ranges.items():
        if not (np.isfinite(low) and np.isfinite(high)):
            raise UsageError(f"{model}: {name!r} is {low:g} to {high:g} on {calibration}", "look at the data")
        if low == high == 0:
            warnings += (f"{calibration}: {name!r} is 0 in every frame, so that its scale means nothing",)
    whole = tflite.lower(_quantized(model, graph, real, ranges, scheme), model.stem)
    if scheme == "int8":  # the only one in which TensorFlow makes LSTMs integer
        whole = float_lstm.integer(whole, ranges)
    whole = integer_pieces.complete(bias_room.make(whole, graph))
    made = lacking.replaced(model_file.write(whole), model.stem)
    made, unused = unread.settle(made, scheme, chosen.values)
    warnings += unread.warnings(unused)
    _refuse_rest(model, tflite.lower(made, model.stem), scheme)
    return Quantized(made, real, scheme, frames, Names((), ()), "ONNX" if onnx else "TFLite", warnings)


def can_quantize(graph: Graph) -> bool:
    """Is it not integer already, in the way that tinyedge compiles?"""
    return reading.is_float(graph) or reading.is_old(graph) or is_mixed(graph)


def is_mixed(graph: Graph) -> bool:
    """Does an integer model compute in float in places, other than what becomes a table?"""
    between = [op for op in graph.ops if op.kind not in reading.BORDER]
    if not any(graph.tensors[name].dtype == "float32" for op in between for name in op.outputs):
        return False
    left = passes.legalize(graph)
    return any(left.tensors[name].dtype == "float32" for op in left.ops for name in op.outputs)


def real_graph(graph: Graph) -> Graph:
    """A lowered float graph with its shapes settled, constants folded and all weights in float32.

    One in the uint8 scheme of TensorFlow 1, or with pieces in float, becomes float as a whole. Raises
    UsageError where it is neither, Unsupported where it holds what LiteRT does not have.
    """
    if not can_quantize(graph):
        raise UsageError(f"{graph.name} is integer already", "use the file as it is")
    strange = [
        op for op in graph.ops if not model_file.is_known(op) or (op.source and op.source.intermediates)
    ]
    if strange:
        what = text.listed(f"{op.name!r} ({op.kind.upper()})" for op in strange)
        raise Unsupported(f"{graph.name} cannot be made integer with {what} in it", KERAS)
    graph = passes.apply("fold_constants", graph)
    if not reading.is_float(graph):
        return _dequantized(graph)
    graph = float_lstm.one_way(_unrounded(graph))
    tensors = dict(graph.tensors)
    for op in graph.ops:
        for name in op.inputs:
            if name is not None and _is_weight(graph, op, graph.tensors[name]):
                tensors[name] = _real(graph.tensors[name])
    return replace(graph, tensors=tensors)


def _unrounded(graph: Graph) -> Graph:
    """A float graph without the pairs QUANTIZE, DEQUANTIZE by which quantised ONNX files say their ranges."""
    makers = graph.makers()
    same: dict[str, str | None] = {}
    for op in graph.ops:
        maker = makers.get(op.inputs[0] or "") if op.kind == "dequantize" else None
        if maker is not None and maker.kind == "quantize":
            same[op.outputs[0]] = same.get(maker.inputs[0] or "", maker.inputs[0])
    ops = tuple(replace(op, inputs=tuple(same.get(n or "", n) for n in op.inputs)) for op in graph.ops)
    outputs = tuple(same.get(name) or name for name in graph.outputs)
    return replace(graph, ops=ops, outputs=outputs).pruned()


def _dequantized(graph: Graph) -> Graph:
    """A quantised graph in the real numbers that its own stand for; QUANTIZE and DEQUANTIZE go."""
    tensors = {n: _real(t) if t.quantization is not None else t for n, t in graph.tensors.items()}
    same: dict[str, str] = {}
    ops = []
    for op in graph.ops:
        inputs = tuple(same.get(name or "", name) for name in op.inputs)
        if op.kind in reading.BORDER and inputs[0] is not None:
            same[op.outputs[0]] = inputs[0]
        else:
            ops.append(replace(op, inputs=inputs))
    outputs = tuple(same.get(name, name) for name in graph.outputs)
    return replace(graph, tensors=tensors, ops=tuple(ops), outputs=outputs).pruned()


def _is_weight(graph: Graph, op: Op, tensor: Tensor) -> bool:
    """Are these numbers that a float operator dequantises as it computes?"""
    output = graph.tensors[op.outputs[0]] if op.outputs else None
    stored = tensor.data is not None and tensor.dtype in WEIGHTS
    return stored and output is not None and output.dtype == "float32" and op.kind != "dequantize"


def _real(tensor: Tensor) -> Tensor:
    """The tensor in float32: scale * (q - zero point), by channel where it has channels."""
    if tensor.data is None:
        return replace(tensor, dtype="float32", quantization=None)
    values = tensor.data.astype(np.float32)
    quantization = tensor.quantization
    if quantization is not None:
        along = [1] * len(tensor.shape)
        if quantization.axis is not None:
            along[quantization.axis] = -1
        zero = np.array(quantization.zero_point, np.float32).reshape(along)
        values = np.array(quantization.scale, np.float32).reshape(along) * (values - zero)
    return replace(tensor, dtype="float32", quantization=None, data=values.reshape(tensor.shape))


def _ranges(
    graph: Graph, real: bytes, chosen: Recording, progress: Progress | None
) -> dict[str, tuple[float, float]]:
    """Least and largest value of every float activation over the frames, on LiteRT's reference kernels."""
    number = {name: i for i, name in enumerate(graph.tensors)}
    names = [n for n, t in graph.tensors.items() if t.data is None and t.dtype == "float32"]
    layers = [op for op in graph.ops if float_lstm.is_plain(graph, op)]
    step = max(1, _BATCH_BYTES // max(1, sum(graph.tensors[n].nbytes for n in names)))
    lows, highs = dict.fromkeys(names, np.inf), dict.fromkeys(names, -np.inf)
    with Oracle(real, graph.name) as oracle:
        for first in range(0, len(chosen), step):
            batch = [values[first : first + step] for values in chosen.values]
            feed: dict[int | str, Array] = {
                port.index: value.astype(port.dtype).reshape(len(value), *port.shape)
                for port, value in zip(oracle.inputs, batch, strict=True)
            }
            try:
                found = oracle.tensors_many(feed, [number[n] for n in names])
            except UsageError as error:
                hint = "look at the data: are they what the model takes, and numbers of rows such as it has?"
                raise UsageError(str(error), hint) from error
            for op in layers:  # LiteRT tells of cells only what they are in the end
                rows = found[number[op.inputs[0] or ""]]
                found[number[op.inputs[lstm.MEMORY] or ""]] = float_lstm.cells(graph, op, rows)
            for name in names:
                # numpy's, which keep what is no number
                lows[name] = float(np.minimum(lows[name], found[number[name]].min()))
                highs[name] = float(np.maximum(highs[name], found[number[name]].max()))
            for done in range(first, min(first + step, len(chosen))):
                if progress is not None:
                    progress(done + 1, len(chosen))
    return {name: (lows[name], highs[name]) for name in names}


def _stored(graph: Graph, real: Graph) -> dict[str, tuple[float, float]]:
    """Ranges that `graph` states for tensors of `real`: what they cut off is part of what it computes.

    An integer model states them everywhere, one that rounds floats (QuantizeLinear of ONNX) where it does.
    """
    found = {}
    integer = not reading.is_float(graph)
    makers = graph.makers()
    for name, tensor in graph.tensors.items():
        if tensor.data is not None or tensor.quantization is None or len(tensor.quantization.scale) != 1:
            continue
        maker = makers.get(name)
        read = maker.inputs[0] if maker is not None and maker.kind == "quantize" else None
        stated = name if integer else read
        if stated in real.tensors and tensor.dtype in LIMITS:
            low, high = LIMITS[tensor.dtype]
            zero, scale = tensor.zero_point, tensor.scale
            found[stated or ""] = (scale * (low - zero), scale * (high - zero))
    return found


def _shared(graph: Graph, ranges: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The ranges, with one for all tensors of an operator in SAME."""
    found = dict(ranges)
    for op in (*graph.ops, *reversed(graph.ops)):
        names = [n for n in (*graph.activations(op), *op.outputs) if n in found]
        if op.kind in SAME and names:
            widest = (min(found[n][0] for n in names), max(found[n][1] for n in names))
            found |= dict.fromkeys(names, widest)
    return found


def _quantized(
    model: Path, graph: Graph, real: bytes, ranges: Mapping[str, tuple[float, float]], scheme: str
) -> bytes:
    names = list(ranges)
    request = {
        "do": "quantize",
        "scheme": scheme,
        "names": names,
        "ranks": [len(graph.tensors[n].shape) for n in names],
    }
    lows, highs = (np.array([ranges[n][i] for n in names], np.float32) for i in (0, 1))
    worker = Worker("tinyedge.model.quantizer")
    try:
        header, arrays = worker.ask(request, [np.frombuffer(real, np.uint8), lows, highs], SECONDS)
    except Lost as lost:
        raise UsageError(f"Google's quantizer {lost.how} on {model}", "report the model to LiteRT") from lost
    finally:
        worker.close()
    if "error" in header:
        raise UsageError(f"Google's quantizer refuses {model}: {header['error']}", "look at the layer named")
    return arrays[0].tobytes()


def _refuse_rest(model: Path, graph: Graph, scheme: str) -> None:
    """Raise Unsupported where a layer stays in float, or became integer as nobody compiles it."""
    graph = passes.legalize(graph)
    found, real = list[Unsupported](), list[Op]()
    for op in graph.ops:
        if op.kind in reading.BORDER:
            continue
        if reading.meets_floats(graph, op):
            real.append(op)
            continue
        try:
            reading.check(graph, reading.understood(graph, op))
        except Unsupported as error:
            found.append(error)
    if real:
        stay = text.listed(f"{op.name!r} ({op.kind.upper()})" for op in real)
        hints = dict.fromkeys(instead.of(op.kind.upper(), scheme) for op in real)
        found.insert(
            0, Unsupported(f"no integer kernel computes {stay} as it is used here", "; ".join(hints))
        )
    found = found or passes.problems(graph)
    if found:
        raise together(f"{model} cannot be made integer", found)
