# SPDX-License-Identifier: Apache-2.0
"""Takes a Keras model and calibration data, gives an integer TFLite model: int8, or int16 activations."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tinyedge import errors, recording
from tinyedge.build import Spec
from tinyedge.errors import ToolMissing, Unsupported, UsageError
from tinyedge.model.keras import tensor_table
from tinyedge.process.messages import Array, Message
from tinyedge.process.worker import Lost, Worker
from tinyedge.recording import Recording, sample_file
from tinyedge.recording.sample_file import SampleFile

INSTALL = 'pip install "tinyedge[keras]"'
SCHEMES = ("int8", "int16x8")
SUFFIXES = (".keras", ".h5", ".hdf5")
SAMPLES = 200
FEW_SAMPLES = 32  # below it the ranges are a matter of luck
_WEIGHTED = ("Conv", "conv", "depthwise", "MatMul")
# The process is given up when it says nothing for so long. Importing TensorFlow takes seconds; a damaged HDF5
# file can send its library round in circles for ever.
LOAD_SECONDS = 120.0
CONVERT_SECONDS = 1800.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Quantized:
    """An integer model beside the float model that it came from.

    data, real: TFLite bytes, integer and float32. recording: every calibration frame, float32 values.
    layers: the author's layer names. origin: what loaded the model. warnings: what to look at, in sentences.
    """

    data: bytes
    real: bytes
    scheme: str
    recording: Recording
    layers: tuple[str, ...]
    origin: str
    warnings: tuple[str, ...]


def is_keras(path: Path) -> bool:
    """Is this a model that has to be quantised first, by its name?"""
    return path.is_dir() or path.suffix.lower() in SUFFIXES


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
) -> Quantized:
    """Full-integer quantisation: per-channel int8 weights, integer activations, inputs and outputs.

    model: `.keras`, `.h5` (Keras 2 or 3) or a SavedModel folder. calibration: NPZ, NPY or CSV.
    samples: at most so many frames fix the ranges, evenly spaced over the file.
    progress: called with (frames calibrated, frames). Raises UsageError for a model or data that cannot be
    used, Unsupported when layers would stay in float, ToolMissing without TensorFlow.
    """
    model, calibration = Path(model), Path(calibration)
    if scheme not in SCHEMES:
        raise UsageError(f"there is no quantisation scheme {scheme!r}", f"choose one of {', '.join(SCHEMES)}")
    if samples < 1:
        raise UsageError(f"{samples} calibration samples", "take 1 or more, better 100")
    _check_model(model)
    content = sample_file.read(calibration)  # before TensorFlow's seconds of import
    with _Converter(model) as converter:
        header, _ = converter.ask({"do": "load", "path": str(model)}, [])
        specs = _specs(header, content, window)
        frames = recording.fit(content, specs, window, hop, labels)
        chosen = frames.spread(samples)
        values = [v.astype(spec.dtype) for v, spec in zip(chosen.values, specs, strict=True)]
        request = {
            "do": "convert",
            "path": str(model),
            "scheme": scheme,
            "shapes": [list(spec.shape) for spec in specs],
        }
        count = len(chosen)
        made, models = converter.ask(
            request, values, lambda done: progress(done, count) if progress else None
        )
    names = tuple(str(name) for name in header["layers"])
    _refuse_islands(model, models[0].tobytes(), names, made["refused"])
    data, real = (array.tobytes() for array in models)
    return Quantized(
        data, real, scheme, frames, names, header["origin"], calibration_warnings(calibration, chosen)
    )


def layer_name(tensor: str, layers: tuple[str, ...]) -> str:
    """The author's name of the layer that wrote a TFLite tensor, or the tensor's own name.

    Converted names are paths like `model_1/relu_1/Relu;model_1/conv_1/BiasAdd`: fused operators are joined by
    `;`, and tracing may have added `_1`.
    """
    if tensor.startswith("Identity"):
        return "output"  # the function's result: TensorFlow drops the layer's name
    paths = tensor.split(";")
    # Of several fused layers the one that has the weights comes first.
    for path in sorted(paths, key=lambda path: not path.split("/")[-1].startswith(_WEIGHTED)):
        for part in reversed(path.split("/")):
            for name in (part, part.rsplit("_", 1)[0]):
                if name in layers:
                    return name
    return tensor


def _check_model(model: Path) -> None:
    if not model.exists():
        raise UsageError(f"there is no model {model}", "check the path")
    if model.suffix.lower() == ".tflite":
        raise UsageError(
            f"{model} is converted already, and only a Keras model or SavedModel can be quantised",
            "give the model it was made from, or use an integer .tflite as it is",
        )
    if not is_keras(model):
        raise UsageError(
            f"{model} is not a model that can be quantised",
            "give a .keras or .h5 file, or a SavedModel folder",
        )
    if importlib.util.find_spec("tensorflow") is None:
        raise ToolMissing(f"TensorFlow is needed to convert {model} and is not installed", INSTALL)


def _specs(header: dict[str, Any], content: SampleFile, window: int | None) -> list[Spec]:
    """The float inputs with a batch of 1; dimensions that the model leaves open come from the data."""
    specs = []
    for name, shape, dtype in zip(header["names"], header["shapes"], header["dtypes"], strict=True):
        array = content.arrays.get(name, content.arrays.get("x"))
        data: tuple[int | None, ...] = () if array is None else array.shape
        if content.table and len(data) == 2 and len(shape) == 3:
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


def _refuse_islands(model: Path, data: bytes, layers: tuple[str, ...], refused: str) -> None:
    table = tensor_table.read(data)
    named = list(dict.fromkeys(f"{layer_name(name, layers)} ({kind})" for kind, name in table.islands))
    if named:
        more = f" and {len(named) - 5} more" if len(named) > 5 else ""
        raise Unsupported(
            f"{model} would stay in float in: {', '.join(named[:5])}{more}",
            "replace these layers by ones that TensorFlow Lite can quantise",
        )
    if refused:
        raise Unsupported(f"{model} cannot be made integer: {refused}", "replace the layer concerned")
    for spec in (*table.inputs, *table.outputs):
        if spec.dtype == "float32":
            raise Unsupported(f"{model}: {spec.name!r} stays float32", "replace the layer that makes it")


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


class _Converter:
    """The process that imports TensorFlow; it never outlives the `with` block."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._home = tempfile.TemporaryDirectory(prefix="tinyedge-")
        settings = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",  # its float sums depend on the processor
            "CUDA_VISIBLE_DEVICES": "-1",
            "KERAS_BACKEND": "tensorflow",
            "KERAS_HOME": self._home.name,  # the user's keras.json may set another float type
            "PYTHONHASHSEED": "0",
        }
        inherited = {key: value for key, value in os.environ.items() if key != "TF_USE_LEGACY_KERAS"}
        self._worker = Worker("tinyedge.model.keras.child", inherited | settings)

    def __enter__(self) -> _Converter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.close()
        self._home.cleanup()

    def ask(
        self,
        request: dict[str, Any],
        arrays: list[Array],
        progress: Callable[[int], object] = lambda done: None,
    ) -> Message:
        """Send one request and wait for its answer; raises the error that the child answers."""
        try:
            seconds = LOAD_SECONDS if request["do"] == "load" else CONVERT_SECONDS
            header, answer = self._worker.ask(request, arrays, seconds, progress)
        except Lost as lost:
            raise self._explain(lost, request["do"]) from None
        if "error" in header:
            told = header["error"]
            raise getattr(errors, told["kind"])(told["message"], told["hint"])
        return header, answer

    def _explain(self, lost: Lost, doing: str) -> Exception:
        if lost.silent and doing == "load":
            return UsageError(
                f"loading {self._model} took more than {LOAD_SECONDS:.0f} s",
                "is the file whole? Save it again",
            )
        if lost.silent:
            return UsageError(
                f"TensorFlow said nothing for {CONVERT_SECONDS:.0f} s while converting {self._model}",
                "calibrate with fewer samples (--samples)",
            )
        if "Traceback" in lost.said:
            # Not foreseen: a defect of ours or a broken installation; both need the whole story.
            return RuntimeError(f"the TensorFlow process failed on {self._model}:\n{lost.said}")
        if doing == "load":
            hint = "is the file whole, and is there enough memory?"
        else:
            hint = "LSTM and GRU crash its converter unless built with `unroll=True`; is there enough memory?"
        return UsageError(f"the TensorFlow process {lost.how} on {self._model} ({doing})", hint)
