# SPDX-License-Identifier: Apache-2.0
"""Takes a Keras 2 or Keras 3 file or a SavedModel folder, gives one callable network.

Imports TensorFlow, so only `tinyedge.model.keras.child` calls it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyedge.errors import ToolMissing, UsageError
from tinyedge.model.keras import admission, file, recurrent, saved_model

# Keras buries the one thing that matters in a page of configuration.
_UNKNOWN = re.compile(
    r"ould not locate (?:class|function) '([^']+)'|Unknown (?:layer|object|function): '?(\w+)"
)
INSTALL = 'pip install "tinyedge[keras]"'
TRUST = "use Keras' own layers instead; for a file whose maker you trust, `--trust` loads it as it is"


@dataclass(frozen=True)
class Network:
    """One network: `call` takes one tensor for each input and gives a list of output tensors.

    Shapes are with batch and may hold None; `layers` are the names its author gave, [] for a SavedModel,
    `outputs` those of the layers that give its results; `recurrent` are Keras' own layer objects.
    """

    call: Callable[..., list[Any]]
    names: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    dtypes: tuple[str, ...]
    layers: tuple[str, ...]
    origin: str
    outputs: tuple[str, ...] = ()
    recurrent: tuple[Any, ...] = ()


def load(path: Path, name: str, trust: bool = False) -> Network:
    """Load a network; UsageError says why one cannot be loaded, ToolMissing that `tf-keras` is not there.

    name: what to call it in messages. A network that names anything but Keras' own classes and TensorFlow's
    computing operators is refused before it is loaded, unless `trust`.
    """
    if path.is_dir():
        return _saved_model(path, name, trust)
    stored = file.read(path, name)
    keras = _library(stored, name)
    config = stored.config
    if not trust:
        config, problems = admission.admit(config, admission.known(keras))
        if problems:
            raise UsageError(f"{name} is not loaded: {'; '.join(problems)}", TRUST)
    clean = file.copy(path, stored, config, Path.cwd(), name)
    try:
        model = keras.models.load_model(clean, compile=False, safe_mode=not trust)
    except Exception as error:  # Keras raises nearly anything on what it does not know
        raise UsageError(
            f"Keras cannot load {name}: {reason(error)}",
            "export it as a SavedModel where it was trained (`model.export(folder)`) and give that folder",
        ) from None
    return _network(model, name, f"{keras.__name__} {keras.__version__}")


def _library(stored: file.Stored, name: str) -> Any:
    try:
        return importlib.import_module(stored.library)
    except ModuleNotFoundError as error:
        if error.name != stored.library:
            raise
        raise ToolMissing(
            f"{name} is a Keras {stored.version or 2} file and {stored.library} is missing", INSTALL
        ) from None


def _network(model: Any, name: str, origin: str) -> Network:
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise UsageError(
            f"{name} does not say what its inputs are",
            "export it as a SavedModel (`model.export(folder)`) after calling it once",
        )

    layers = recurrent.find(model)
    recurrent.undrop(layers)

    def call(*tensors: Any) -> list[Any]:
        result = model(list(tensors) if len(tensors) > 1 else tensors[0], training=False)
        return _flat(result)

    return Network(
        call,
        tuple(str(tensor.name).split(":")[0] for tensor in inputs),
        tuple(tuple(tensor.shape) for tensor in inputs),
        tuple(_dtype(tensor.dtype) for tensor in inputs),
        tuple(str(layer.name) for layer in _layers(model)),
        origin,
        tuple(_maker(tensor) for tensor in _flat(model.outputs)),
        tuple(layers),
    )


def _maker(tensor: Any) -> str:
    """The layer that a symbolic tensor comes from."""
    history = tensor._keras_history
    maker = history.operation if hasattr(history, "operation") else history.layer  # Keras 3, Keras 2
    return str(maker.name)


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


def _saved_model(path: Path, name: str, trust: bool) -> Network:
    import tensorflow as tf
    from tensorflow.python.saved_model import loader_impl

    try:
        # The very reading that load() will do, so that both see the same.
        unfit = () if trust else saved_model.unfit(loader_impl.parse_saved_model(str(path)))
        if unfit:
            raise UsageError(
                f"{name} is not loaded: its operators do more than compute: {', '.join(unfit)}", TRUST
            )
        loaded = tf.saved_model.load(str(path))
    except UsageError:
        raise
    except Exception as error:  # TensorFlow's own zoo of errors
        raise UsageError(
            f"TensorFlow cannot load {name}: {reason(error)}", "export the model again"
        ) from None
    signatures = dict(loaded.signatures)
    if not signatures or ("serving_default" not in signatures and len(signatures) > 1):
        raise UsageError(
            f"{name} has no signature `serving_default`, only: {', '.join(signatures) or 'none'}",
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

    shapes = tuple(_shape(name, port, spec) for port, spec in specs.items())
    dtypes = tuple(_dtype(spec.dtype) for spec in specs.values())
    return Network(call, names, shapes, dtypes, (), f"tensorflow {tf.__version__}")


def _shape(name: str, port: str, spec: Any) -> tuple[int | None, ...]:
    if spec.shape.rank is None:
        raise UsageError(
            f"{name}: the rank of input {port!r} is not known", "export it with a fixed input shape"
        )
    return tuple(spec.shape.as_list())


def reason(error: BaseException, limit: int = 240) -> str:
    """The first sentence of what a library had to say, on one line."""
    unknown = _UNKNOWN.search(str(error))
    if unknown:
        return f"it does not know the layer or function {unknown[1] or unknown[2]!r}"
    lines: Sequence[str] = [line.strip() for line in str(error).splitlines() if line.strip()]
    if lines and lines[0] == "in user code:":  # a traceback in words; what was raised ends it
        lines = lines[-1:]
    text = lines[0] if lines else type(error).__name__
    text = text.split(". ")[0].rstrip(".:")
    return text if len(text) <= limit else text[: limit - 3] + "..."
