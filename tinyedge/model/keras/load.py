# SPDX-License-Identifier: Apache-2.0
"""Takes a Keras 2 or Keras 3 file or a SavedModel folder, gives one callable network.

Imports TensorFlow, so only `tinyedge.model.keras.child` calls it.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyedge.errors import ToolMissing, UsageError

# What zipfile, json and h5py raise on damaged files.
_DAMAGED = (
    OSError, LookupError, ValueError, TypeError, RuntimeError, EOFError, MemoryError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# Keras buries the one thing that matters in a page of configuration.
_UNKNOWN = re.compile(
    r"ould not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|function): '?(\w+)"
)
INSTALL = 'pip install "tinyedge[keras]"'


@dataclass(frozen=True)
class Network:
    """One network: `call` takes one tensor for each input and gives a list of output tensors.

    Shapes are with batch and may hold None; `layers` are the names its author gave, [] for a SavedModel.
    """

    call: Callable[..., list[Any]]
    names: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    dtypes: tuple[str, ...]
    layers: tuple[str, ...]
    origin: str


def load(path: Path) -> Network:
    """Load a network; UsageError says why one cannot be loaded, ToolMissing that `tf-keras` is not there."""
    if path.is_dir():
        return _saved_model(path)
    version = _keras_version(path)
    order = ("tf_keras", "keras") if version.startswith("2") else ("keras", "tf_keras")
    refusals = []
    for module in order:
        try:
            return _keras(path, module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            if module == order[0]:
                raise ToolMissing(
                    f"{path} is a Keras {version} file and {module} is missing", INSTALL
                ) from None
        except UsageError:
            raise
        except Exception as error:  # Keras raises nearly anything on what it does not know
            refusals.append(error)
    raise UsageError(
        f"Keras cannot load {path}: {reason(refusals[0])}",
        "export it as a SavedModel where it was trained (`model.export(folder)`) and give that folder",
    )


def _keras_version(path: Path) -> str:
    """Which Keras wrote the file, as far as it says so; and is it a whole model?"""
    import h5py

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return str(json.loads(archive.read("metadata.json"))["keras_version"])
        with h5py.File(path, "r") as file:
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "")
    except _DAMAGED:
        raise UsageError(
            f"{path} is not a Keras model, or it is damaged",
            "save it again with `model.save('model.keras')`",
        ) from None
    if config is None:
        raise UsageError(
            f"{path} holds weights and no model", "save the whole model with `model.save('model.keras')`"
        )
    # Keras 2 would run the Python code that such a layer carries in the file.
    if '"class_name": "Lambda"' in _text(config):
        raise UsageError(
            f"{path} has a Lambda layer, whose code is not run from a file",
            "replace it by a layer, or export the model as a SavedModel (`model.export(folder)`)",
        )
    return _text(version)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _keras(path: Path, module: str) -> Network:
    import importlib

    keras = importlib.import_module(module)
    model = keras.models.load_model(path, compile=False)
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise UsageError(
            f"{path} does not say what its inputs are",
            "export it as a SavedModel (`model.export(folder)`) after calling it once",
        )

    def call(*tensors: Any) -> list[Any]:
        result = model(list(tensors) if len(tensors) > 1 else tensors[0], training=False)
        return _flat(result)

    return Network(
        call,
        tuple(str(tensor.name).split(":")[0] for tensor in inputs),
        tuple(tuple(tensor.shape) for tensor in inputs),
        tuple(_dtype(tensor.dtype) for tensor in inputs),
        tuple(str(layer.name) for layer in _layers(model)),
        f"{module} {keras.__version__}",
    )


def _layers(model: Any) -> list[Any]:
    """All layers, those of nested models too."""
    found = []
    for layer in model.layers:
        found.append(layer)
        found += _layers(layer) if getattr(layer, "layers", None) else []
    return found


def _flat(result: Any) -> list[Any]:
    import tensorflow as tf

    return list(tf.nest.flatten(result))


def _dtype(dtype: Any) -> str:
    return str(getattr(dtype, "name", dtype))


def _saved_model(path: Path) -> Network:
    import tensorflow as tf

    if not (path / "saved_model.pb").is_file() and not (path / "saved_model.pbtxt").is_file():
        raise UsageError(
            f"{path} is a folder without a saved_model.pb",
            "give a SavedModel folder, a .keras, .h5 or .tflite file",
        )
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow's own zoo of errors
        raise UsageError(
            f"TensorFlow cannot load {path}: {reason(error)}", "export the model again"
        ) from None
    signatures = dict(loaded.signatures)
    if not signatures or ("serving_default" not in signatures and len(signatures) > 1):
        raise UsageError(
            f"{path} has no signature `serving_default`, only: {', '.join(signatures) or 'none'}",
            "export it with `model.export(folder)`, or give `tf.saved_model.save` one signature",
        )
    function = signatures.get("serving_default") or next(iter(signatures.values()))
    specs: dict[str, Any] = function.structured_input_signature[1]
    names = tuple(specs)

    def call(*tensors: Any) -> list[Any]:
        result = function(**dict(zip(names, tensors, strict=True)))
        # Keeps the variables alive as long as the network: `loaded` owns them.
        assert loaded is not None
        return _flat(result)

    shapes = tuple(_shape(path, name, spec) for name, spec in specs.items())
    dtypes = tuple(_dtype(spec.dtype) for spec in specs.values())
    return Network(call, names, shapes, dtypes, (), f"tensorflow {tf.__version__}")


def _shape(path: Path, name: str, spec: Any) -> tuple[int | None, ...]:
    if spec.shape.rank is None:
        raise UsageError(
            f"{path}: the rank of input {name!r} is not known", "export it with a fixed input shape"
        )
    return tuple(spec.shape.as_list())


def reason(error: BaseException, limit: int = 240) -> str:
    """The first sentence of what a library had to say, on one line."""
    unknown = _UNKNOWN.search(str(error))
    if unknown:
        return f"it does not know the layer or function {unknown[1] or unknown[2]!r}"
    lines: Sequence[str] = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = text.split(". ")[0].rstrip(".:")
    return text if len(text) <= limit else text[: limit - 3] + "..."
