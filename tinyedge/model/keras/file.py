# SPDX-License-Identifier: Apache-2.0
"""Takes a `.keras` or `.h5` file, gives version and configuration, and a copy that holds no more than meant.

Keras then reads the copy: what two readers could understand in two ways (a ZIP file that is also HDF5, a name
that is there twice, a link to another file) is not in it.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from tinyedge.errors import UsageError

_LARGEST_TEXT = 64 << 20  # bytes of a configuration
_LARGEST_WEIGHTS = 1 << 30  # bytes; a microcontroller's flash ends long before
_DEEPEST = 50  # groups in a group; Keras writes a few for each model in a model
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
# What zipfile, json and h5py raise on damaged files.
DAMAGED = (
    OSError, LookupError, ValueError, TypeError, RuntimeError, EOFError, MemoryError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """version: of the Keras that wrote it, "" where it does not say. config: the network, parsed JSON."""

    version: str
    config: Any
    archive: bool

    @property
    def library(self) -> str:
        """The package that reads it; the other one is never asked."""
        if _of_keras_3(self.config):
            return "keras"
        return "tf_keras" if self.version.split(".")[0] in ("", "1", "2") else "keras"


def _of_keras_3(config: Any) -> bool:
    """Whether inputs are written in Keras 3's words, whatever version stands beside them."""
    inside = config.get("config") if isinstance(config, dict) else None
    layers = inside.get("layers") if isinstance(inside, dict) else inside
    return isinstance(layers, list) and any(
        isinstance(layer, dict)
        and layer.get("class_name") == "InputLayer"
        and isinstance(layer.get("config"), dict)
        and "batch_shape" in layer["config"]
        for layer in layers
    )


def read(path: Path, name: str) -> Stored:
    """Read version and configuration; UsageError for what is damaged or holds no network.

    name: what to call the file in messages.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(_ZIP):
            with zipfile.ZipFile(path) as archive:
                version = json.loads(_entry(archive, "metadata.json", _LARGEST_TEXT))["keras_version"]
                return Stored(
                    str(version), json.loads(_entry(archive, "config.json", _LARGEST_TEXT)), archive=True
                )
        if start != _HDF5:
            raise ValueError(start)
        with h5py.File(path, "r") as file:
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
            parsed = None if config is None else json.loads(_text(config))
    except DAMAGED:
        raise _damaged(name) from None
    if parsed is None:
        raise UsageError(
            f"{name} holds weights and no model", "save the whole model with `model.save('model.keras')`"
        )
    return Stored(_text(version), parsed, archive=False)


def copy(path: Path, stored: Stored, config: Any, folder: Path, name: str) -> Path:
    """Write the weights of `path`, beside `config`, into a new file in `folder`; give its path.

    Backslashes in the names of weights, which Keras 2.15 wrote on Windows, become slashes.
    """
    weights = folder / "weights.h5"
    try:
        if not stored.archive:
            with h5py.File(path, "r") as source, h5py.File(weights, "w") as target:
                _Copier().group(source["model_weights"], target.create_group("model_weights"))
                target.attrs["model_config"] = json.dumps(config).encode()
                target.attrs["keras_version"] = stored.version.encode()
                target.attrs["backend"] = b"tensorflow"
            return weights
        with zipfile.ZipFile(path) as archive:
            data = _entry(archive, "model.weights.h5", _LARGEST_WEIGHTS)
        with h5py.File(io.BytesIO(data), "r") as source, h5py.File(weights, "w") as target:
            _Copier().group(source, target)
    except DAMAGED as error:
        raise error if isinstance(error, UsageError) else _damaged(name) from None
    whole = folder / "clean.keras"
    with zipfile.ZipFile(whole, "w") as clean:
        clean.writestr("metadata.json", json.dumps({"keras_version": stored.version}))
        clean.writestr("config.json", json.dumps(config))
        clean.write(weights, "model.weights.h5")
    return whole


class _Copier:
    def __init__(self) -> None:
        self._left = _LARGEST_WEIGHTS

    def group(self, source: Any, target: Any, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise ValueError(source.name)
        target.attrs.update(source.attrs)
        for key in source:
            # A link may name any file of this machine.
            if not isinstance(source.get(key, getlink=True), h5py.HardLink):
                raise ValueError(key)
            name = key.replace("\\", "/")
            item = source[key]
            if isinstance(item, h5py.Group):
                self.group(item, target.require_group(name), depth + 1)
            else:
                self.dataset(item, target, name)

    def dataset(self, source: Any, target: Any, name: str) -> None:
        self._left -= source.nbytes
        if source.external or source.is_virtual or source.dtype.hasobject or self._left < 0:
            raise ValueError(source.name)
        target.create_dataset(name, data=source[()]).attrs.update(source.attrs)


def _entry(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One file of a ZIP file; of a bomb no more than `most` bytes are unpacked."""
    with archive.open(name) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(name)
    return data


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _damaged(name: str) -> UsageError:
    return UsageError(
        f"{name} is not a Keras model, or it is damaged",
        "save it again with `model.save('model.keras')`",
    )
