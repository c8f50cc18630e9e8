# SPDX-License-Identifier: Apache-2.0
"""Takes the path of a model of any kind, gives a Model: integer TFLite bytes and where they came from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path

from tinyedge import __version__, paths
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.model import fixed_shapes, float_file, lacking, onnx_file, tflite
from tinyedge.model.keras import quantize
from tinyedge.model.keras.quantize import Progress

SKETCHED = "no calibration data: scales are made up, and only layers, shapes, memory and MACs mean anything"


PYTORCH = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors")
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
    samples: int = quantize.SAMPLES,
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
    if path.suffix.lower() in tflite.SUFFIXES and not path.is_dir():
        data = tflite.read(path)
        if calibration is None or not float_file.can_quantize(tflite.lower(data, name)):
            data = lacking.replaced(fixed_shapes.settled(data, name), name)
            return Model(data, name, hashlib.sha256(data).hexdigest(), path.name)
    elif not path.exists():
        raise UsageError(f"there is no model {path}", "check the path")
    elif path.suffix.lower() in PYTORCH:
        raise UsageError(f"{path} is a PyTorch model, which is Python code", EXPORT)
    elif path.suffix.lower() == onnx_file.SUFFIX:
        pass
    elif not quantize.is_keras(path) or (path.is_dir() and not (path / "saved_model.pb").is_file()):
        raise UsageError(
            f"{path} is not a model that tinyedge reads",
            "give a .tflite, .keras, .h5 or .onnx file, a SavedModel folder, or the C array of a .tflite",
        )
    if calibration is None:
        raise UsageError(
            f"{path} is a float model, and no calibration data is given to make it integer",
            "name a recording: `--calibrate DATA`, or `[calibration] file = ...` in tinyedge.toml",
        )
    calibration = Path(calibration)
    data, real, warnings = _quantized(path, calibration, scheme, samples, window, hop, progress, trust)
    origin = f"{path.name}, {scheme}, calibrated with {calibration.name}"
    return Model(data, name, hashlib.sha256(data).hexdigest(), origin, warnings, real)


def sketch(path: Path, name: str | None = None, trust: bool = False) -> Model:
    """As `load` without calibration data: a float model gets made-up scales, good for its structure alone."""
    path = Path(path)
    if not quantize.is_keras(path):
        return load(path, name=name)
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


def _quantized(
    path: Path,
    calibration: Path,
    scheme: str,
    samples: int,
    window: int | None,
    hop: int | None,
    progress: Progress | None,
    trust: bool,
) -> tuple[bytes, bytes, tuple[str, ...]]:
    """Integer bytes, float bytes, warnings."""
    key = _key(path, calibration, scheme, samples, window, hop, trust)
    folder = paths.cache() / "quantized"
    cached, real = folder / f"{key}.tflite", folder / f"{key}.float.tflite"
    told = folder / f"{key}.warnings"
    if key and cached.is_file() and real.is_file() and told.is_file():
        return tflite.read(cached), tflite.read(real), tuple(told.read_text("utf-8").splitlines())
    if path.suffix.lower() in (*tflite.SUFFIXES, onnx_file.SUFFIX):
        made = float_file.convert(path, calibration, scheme, samples, window, hop, progress=progress)
    else:
        made = quantize.convert(
            path, calibration, scheme, samples, window, hop, progress=progress, trust=trust
        )
    if key:
        paths.write_atomic(cached, made.data)
        paths.write_atomic(real, made.real)
        paths.write_atomic(told, "\n".join(" ".join(line.split()) for line in made.warnings).encode())
    return made.data, made.real, made.warnings


def _key(path: Path, calibration: Path, *options: object) -> str | None:
    """A hash of all that decides the result; None when a file cannot be read, which convert() explains."""
    versions = [
        _version(package)
        for package in ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "litert-quantizer")
    ]
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256(repr((__version__, versions, options)).encode())
    try:
        for file in (*files, calibration):
            digest.update(file.relative_to(path).as_posix().encode() if path in file.parents else b"")
            digest.update(hashlib.sha256(paths.ending(file).read_bytes()).digest())
    except OSError:
        return None
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
