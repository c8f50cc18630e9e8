# SPDX-License-Identifier: Apache-2.0
"""Takes a float model and calibration data, gives it integer: from our cache what was quantised before."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tinyedge import paths
from tinyedge.model import float_file, tflite
from tinyedge.model.keras import quantize
from tinyedge.model.kinds import ONNX, Progress
from tinyedge.process import own, packages


def quantized(
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
    if path.suffix.lower() in (*tflite.SUFFIXES, ONNX):
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
        packages.version(package) or ""
        for package in ("tensorflow", "tensorflow-cpu", "keras", "tf-keras", "litert-quantizer")
    ]
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256(repr((own.python(), versions, options)).encode())
    try:
        for file in (*files, calibration):
            digest.update(file.relative_to(path).as_posix().encode() if path in file.parents else b"")
            digest.update(hashlib.sha256(paths.ending(file).read_bytes()).digest())
    except OSError:
        return None
    return digest.hexdigest()
