# SPDX-License-Identifier: Apache-2.0
"""Takes the path of a model of any kind, gives a Model: integer TFLite bytes and where they came from."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.model import fixed_shapes, lacking, tflite
from tinyedge.model.kinds import ONNX, PYTORCH, SAMPLES, Progress, is_keras

SKETCHED = "no calibration data: scales are made up, and only layers, shapes, memory and MACs mean anything"

EXPORT = (
    "export it there: `torch.onnx.export(model, (example,), 'model.onnx')`, or "
    "`litert_torch.convert(model, (example,)).export('model.tflite')`"
)


@dataclass(frozen=True)
class Model:
    """data: a TFLite file as it is, but for operators that LiteRT's reference kernels lack (lacking.py), and
    for inputs that are nothing but shapes (fixed_shapes.py).

    name: prefix of the generated C. sha256: of data, hexadecimal.
    origin: the file it came from and how, without its folder. warnings: sentences for the user.
    real: the float model it was quantised from, as float32 TFLite bytes; None for a TFLite file.
    front: the signal processing before it; None where it is fed its inputs as they are. back: what makes a
    decision of its output on the device; None where nothing does. network: False where there is none, and
    the stages are all (without.py).
    """

    data: bytes
    name: str
    sha256: str
    origin: str
    warnings: tuple[str, ...] = ()
    real: bytes | None = None
    front: Front | None = None
    back: Back | None = None
    network: bool = True


def load(
    path: Path,
    calibration: Path | None = None,
    scheme: str = "int8",
    samples: int = SAMPLES,
    window: int | None = None,
    hop: int | None = None,
    name: str | None = None,
    progress: Progress | None = None,
    trust: bool = False,
) -> Model:
    """Read an integer `.tflite`, or a C array of one; quantise a float one, a `.keras`, `.h5` or SavedModel.

    An `.onnx` becomes a float `.tflite` first. Quantising needs `calibration`;
    without it a float `.tflite` is read as it is, and refused when lowered.
    trust: also load one that names code that is not Keras' or TensorFlow's own; see SECURITY.md.
    What was quantised before from the same files is taken from our cache. name: default from the file's name.
    Raises UsageError for what is not a model (whether TFLite bytes are whole is seen when they are lowered),
    and what `quantize.convert` raises.
    """
    path = Path(path)
    name = _named(name, path)
    whole = path.suffix.lower() in tflite.SUFFIXES and not path.is_dir()
    if not whole:
        _check_float(path)
    elif calibration is None:
        return _as_it_is(tflite.read(path), name, path)
    if calibration is None:
        raise UsageError(
            f"{path} is a float model, and no calibration data is given to make it integer",
            "name a recording: `--calibrate DATA`, or `[calibration] file = ...` in tinyedge.toml",
        )
    # Recordings, quantizers and Keras are a float model's alone: what reads an integer one waits for none.
    from tinyedge.model import float_file
    from tinyedge.model.quantized import quantized

    if whole:
        data = tflite.read(path)
        if not float_file.can_quantize(tflite.lower(data, name)):
            return _as_it_is(data, name, path)
    calibration = Path(calibration)
    data, real, warnings = quantized(path, calibration, scheme, samples, window, hop, progress, trust)
    origin = f"{path.name}, {scheme}, calibrated with {calibration.name}"
    return Model(data, name, hashlib.sha256(data).hexdigest(), origin, warnings, real)


def _as_it_is(data: bytes, name: str, path: Path) -> Model:
    data = lacking.replaced(fixed_shapes.settled(data, name), name)
    return Model(data, name, hashlib.sha256(data).hexdigest(), path.name)


def _check_float(path: Path) -> None:
    """UsageError where there is no float model of a kind that is quantised."""
    if not path.exists():
        raise UsageError(f"there is no model {path}", "check the path")
    if path.suffix.lower() in PYTORCH:
        raise UsageError(f"{path} is a PyTorch model, which is Python code", EXPORT)
    if path.suffix.lower() == ONNX:
        return
    if not is_keras(path) or (path.is_dir() and not (path / "saved_model.pb").is_file()):
        raise UsageError(
            f"{path} is not a model that tinyedge reads",
            "give a .tflite, .keras, .h5 or .onnx file, a SavedModel folder, or the C array of a .tflite",
        )


def sketch(path: Path, name: str | None = None, trust: bool = False) -> Model:
    """As `load` without calibration data: a float model gets made-up scales, good for its structure alone."""
    path = Path(path)
    if not is_keras(path):
        return load(path, name=name)
    from tinyedge.model.keras import quantize

    data = quantize.sketch(path, trust=trust)
    origin = f"{path.name}, int8, scales made up"
    return Model(data, _named(name, path), hashlib.sha256(data).hexdigest(), origin, (SKETCHED,))


def identifier(text: str) -> str:
    """A C name made of a file name: lower case, anything else than letters and digits becomes `_`."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "model"
    return name if name[0].isalpha() else f"m_{name}"


def _named(name: str | None, path: Path) -> str:
    if name is None:
        return identifier(path.stem)
    if re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) is None:
        raise UsageError(
            f"{name!r} cannot be the name of a model", "use letters, digits and `_`, and begin with a letter"
        )
    return name
