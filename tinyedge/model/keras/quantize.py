# SPDX-License-Identifier: Apache-2.0
"""Takes a Keras model and calibration data, gives an integer TFLite model: int8, or int16 activations."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tinyedge import recording
from tinyedge.build import Spec
from tinyedge.errors import TinyedgeError, ToolMissing, UsageError, together
from tinyedge.model import integer_pieces, lacking, lstm_cells, tflite, unread
from tinyedge.model.keras import kept, looping, refusal, tensor_table
from tinyedge.model.keras.converter import Converted, Converter, Described
from tinyedge.model.keras.names import Names
from tinyedge.model.kinds import SAMPLES, Progress, is_keras
from tinyedge.oracle import model_file
from tinyedge.process.messages import Array
from tinyedge.recording import Recording, sample_file
from tinyedge.recording.sample_file import SampleFile

INSTALL = 'pip install "tinyedge[keras]"'
SCHEMES = ("int8", "int16x8")
SILENT = 1e-8  # scale; TensorFlow widens a range of nothing to 1e-6 on either side
SKETCHES = 8
FEW_SAMPLES = 32  # below it the ranges are a matter of luck


@dataclass(frozen=True)
class Quantized:
    """An integer model beside the float model that it came from.

    data, real: TFLite bytes, integer and float32. recording: every calibration frame, float32 values.
    names: the author's, of layers. origin: what loaded the model. warnings: what to look at, in sentences.
    """

    data: bytes
    real: bytes
    scheme: str
    recording: Recording
    names: Names
    origin: str
    warnings: tuple[str, ...]


def quantize(
    model: Path,
    calibration: Path,
    scheme: str = "int8",
    samples: int = SAMPLES,
    window: int | None = None,
    hop: int | None = None,
    progress: Progress | None = None,
) -> bytes:
    """An integer TFLite model with a batch of 1; the same bytes for the same input. Errors as `convert`."""
    return convert(model, calibration, scheme, samples, window, hop, progress=progress).data


def convert(
    model: Path,
    calibration: Path,
    scheme: str = "int8",
    samples: int = SAMPLES,
    window: int | None = None,
    hop: int | None = None,
    labels: Path | None = None,
    progress: Progress | None = None,
    trust: bool = False,
) -> Quantized:
    """Full-integer quantisation: per-channel int8 weights, integer activations, inputs and outputs.

    model: `.keras`, `.h5` (Keras 2 or 3) or a SavedModel folder. calibration: a recording of typical inputs.
    samples: at most so many frames fix the ranges, evenly spaced over the file.
    progress: called with (frames calibrated, frames). trust: load also what names code.
    Raises UsageError for a model or data that cannot be used, Unsupported when layers would stay in float,
    ToolMissing without TensorFlow.
    """
    model, calibration = Path(model), Path(calibration)
    if scheme not in SCHEMES:
        raise UsageError(f"there is no quantisation scheme {scheme!r}", f"choose one of {', '.join(SCHEMES)}")
    if samples < 1:
        raise UsageError(f"{samples} calibration samples", "take 1 or more, better 100")
    _check_model(model)
    # Before TensorFlow's seconds of import, where it does not depend on what inputs are called.
    content = None if calibration.suffix.lower() == ".npz" else sample_file.read(calibration)
    with Converter() as converter:
        network = converter.load(model, trust)
        content = content or sample_file.read(calibration, inputs=network.inputs)
        specs = _specs(network, content, window)
        frames = recording.fit(content, specs, window, hop, labels)
        chosen = frames.spread(samples)
        values = [v.astype(spec.dtype) for v, spec in zip(chosen.values, specs, strict=True)]
        count = len(chosen)
        made = converter.convert(
            model,
            scheme,
            [spec.shape for spec in specs],
            values,
            lambda done: progress(done, count) if progress else None,
        )
    made, unused = _whole(made, scheme, values)
    _refuse(model, made, network.names, scheme)
    warnings = (
        _carrying(made)
        + unread.warnings(unused)
        + calibration_warnings(calibration, chosen)
        + _silent(calibration, made, network.names)
    )
    return Quantized(made.data, made.real, scheme, frames, network.names, network.origin, warnings)


def sketch(model: Path, scheme: str = "int8", window: int | None = None, trust: bool = False) -> bytes:
    """An integer TFLite model of the right structure whose scales are made up: calibrated with noise.

    Its layers, shapes, memory and multiply-accumulates are the model's; what it computes means nothing.
    Raises what `convert` raises for a model.
    """
    model = Path(model)
    _check_model(model)
    with Converter() as converter:
        network = converter.load(model, trust)
        specs = _specs(network, None, window)
        noise = _noise(specs)
        made = converter.convert(model, scheme, [spec.shape for spec in specs], noise)
    made, _ = _whole(made, scheme, noise)
    _refuse(model, made, network.names, scheme)
    return made.data


def _noise(specs: list[Spec]) -> list[Array]:
    """Frames for a sketch; of integers, which may number the rows of a table, zeros."""
    random = np.random.default_rng(0)
    frames = [random.normal(size=(SKETCHES, *spec.shape[1:])) for spec in specs]
    return [
        values.astype(spec.dtype) if spec.dtype.startswith("float") else np.zeros(values.shape, spec.dtype)
        for values, spec in zip(frames, specs, strict=True)
    ]


def _check_model(model: Path) -> None:
    if not model.exists():
        raise UsageError(f"there is no model {model}", "check the path")
    if model.suffix.lower() == ".tflite":
        raise UsageError(
            f"{model} is converted already, and only a Keras model or SavedModel can be quantised",
            "give the model it was made from, or use an integer .tflite as it is",
        )
    if model.is_dir() and not any((model / f"saved_model.{end}").is_file() for end in ("pb", "pbtxt")):
        raise UsageError(
            f"{model} is a folder without a saved_model.pb",
            "give a SavedModel folder, a .keras, .h5 or .tflite file",
        )
    if not is_keras(model) or not (model.is_dir() or model.is_file()):
        raise UsageError(
            f"{model} is not a model that can be quantised",
            "give a .keras or .h5 file, or a SavedModel folder",
        )
    if importlib.util.find_spec("tensorflow") is None:
        raise ToolMissing(f"TensorFlow is needed to convert {model} and is not installed", INSTALL)


def _specs(network: Described, content: SampleFile | None, window: int | None) -> list[Spec]:
    """The float inputs with a batch of 1; dimensions that the model leaves open come from the data.

    Without data only time, the first of two, can be open: the window says how long it is.
    """
    specs = []
    for name, shape, dtype in zip(network.inputs, network.shapes, network.dtypes, strict=True):
        array = None if content is None else content.arrays.get(name, content.arrays.get("x"))
        data: tuple[int | None, ...] = () if array is None else array.shape
        if content is None and len(shape) == 3:
            data = (1, window, None)
        elif content is not None and content.table and len(data) == 2 and len(shape) == 3:
            data = (1, window, data[1])  # a stream of rows for [batch, time, channels]
        fixed = [1]
        for axis, size in enumerate(shape[1:], 1):
            known = size if size is not None else (data[axis] if len(data) == len(shape) else None)
            if known is None:
                raise UsageError(
                    f"the model leaves dimension {axis} of its input {name!r} open: {shape}",
                    "give calibration data of the full shape, or the window",
                )
            fixed.append(known)
        specs.append(Spec(name, tuple(fixed), dtype))
    return specs


def _completed(made: Converted) -> Converted:
    """What TensorFlow left in float though there is an integer kernel or a table for it, made integer."""
    if not tensor_table.read(made.data).islands:
        return made
    try:
        graph = integer_pieces.complete(tflite.lower(made.data, "model"))
    except TinyedgeError:  # what else is wrong with it, is told when it is built
        return made
    if not model_file.can_write(graph):
        return made
    return replace(made, data=lacking.replaced(model_file.write(graph), "model"))


def _whole(made: Converted, scheme: str, frames: list[Array]) -> tuple[Converted, tuple[str, ...]]:
    """What TensorFlow made, integer where it can be and with its states inside; inputs that it ignores."""
    data = lstm_cells.named(lstm_cells.settled(made.data), made.carrying)
    made = replace(made, data=data, real=lstm_cells.named(made.real, made.carrying))
    made = _lasting(_joined(_completed(made)))
    data, unused = unread.settle(made.data, scheme, frames)
    return replace(made, data=data), unused


def _joined(made: Converted) -> Converted:
    """The models with loops in the place of long recurrent layers."""
    if not made.holes:
        return made
    steps = [_completed(step) for step in made.steps]
    data = looping.join(made.data, [step.data for step in steps], made.holes)
    real = looping.join(made.real, [step.real for step in steps], made.holes)
    return replace(made, data=data, real=real, holes=(), steps=())


def _lasting(made: Converted) -> Converted:
    """The models with what a stateful layer keeps as a variable, instead of an input and an output."""
    if not made.kept:
        return made
    return replace(made, data=kept.close(made.data, made.kept), real=kept.close(made.real, made.kept))


def _carrying(made: Converted) -> tuple[str, ...]:
    """Warnings of layers that begin where the call before ended."""
    return tuple(
        f"layer {name!r} (LSTM) goes on from where the last run ended, as LiteRT's operator does: "
        "call te_<model>_reset(state) before each new sequence"
        for name in made.carrying
    )


def _refuse(model: Path, made: Converted, names: Names, scheme: str) -> None:
    """Unsupported, naming every layer that stays in float or that nobody compiles."""
    found = refusal.obstacles(made.data, names, scheme, made.refused)
    if found:
        raise together(f"{model} cannot be made integer", found)


def _silent(calibration: Path, made: Converted, names: Names) -> tuple[str, ...]:
    """Warnings of layers that gave nothing but zeros: a scale cannot be taken from them."""
    found = dict.fromkeys(
        names.of(written.spec.name)
        for written in tensor_table.read(made.data).written
        if written.spec.scale is not None and not SILENT < written.spec.scale < math.inf
    )
    return tuple(
        f"layer {name!r} gives only zeros for all of {calibration}: it stays silent in the integer model, too"
        for name in found
    )


def calibration_warnings(calibration: Path, chosen: Recording) -> tuple[str, ...]:
    """What about the frames makes ranges doubtful, in sentences."""
    found = []
    if len(chosen) < FEW_SAMPLES:
        found.append(
            f"{calibration} gives {len(chosen)} calibration samples, better 100: ranges may be too narrow"
        )
    for spec, values in zip(chosen.inputs, chosen.values, strict=True):
        if values.size and values.min() == values.max():
            found.append(f"{calibration}: every value of {spec.name!r} is {values.flat[0]:g}")
    return tuple(found)
