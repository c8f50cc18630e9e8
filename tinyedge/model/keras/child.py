# SPDX-License-Identifier: Apache-2.0
"""Takes a model's path, then calibration arrays, on stdin; gives TFLite bytes on stdout.

Started by `tinyedge.model.keras.quantize` as a process of its own: TensorFlow takes seconds to import, and
writes to stdout and stderr from C++ as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tinyedge.errors import TinyedgeError, Unsupported, UsageError
from tinyedge.model.keras import load as keras_load
from tinyedge.process import worker
from tinyedge.process.messages import Array, Message

_INT16X8 = "EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8"


def freeze(network: keras_load.Network, shapes: list[list[int]]) -> Any:
    """The network as one function of fixed shapes, its variables turned into constants."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    specs = [
        tf.TensorSpec(shape, dtype, name)
        for shape, dtype, name in zip(shapes, network.dtypes, network.names, strict=True)
    ]
    concrete = tf.function(network.call).get_concrete_function(*specs)
    # LiteRT's calibrator cannot run models that read variables.
    return convert_variables_to_constants_v2(concrete, lower_control_flow=False)


def to_float(function: Any) -> bytes:
    """The network in float32, without any optimisation that changes numbers."""
    import tensorflow as tf

    data: bytes = tf.lite.TFLiteConverter.from_concrete_functions([function]).convert()
    return data


def to_integer(
    function: Any, scheme: str, samples: Callable[[], Iterator[list[Array]]], strict: bool
) -> bytes:
    """The network in integers; with `strict` false, operators without an integer kernel stay in float."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    sets = tf.lite.OpsSet
    wanted = sets.TFLITE_BUILTINS_INT8 if scheme == "int8" else getattr(sets, _INT16X8)
    converter.target_spec.supported_ops = [wanted] if strict else [wanted, sets.TFLITE_BUILTINS]
    if strict:
        dtype = tf.int8 if scheme == "int8" else tf.int16
        converter.inference_input_type = dtype
        converter.inference_output_type = dtype
    data: bytes = converter.convert()
    return data


def convert(
    network: keras_load.Network,
    request: dict[str, Any],
    arrays: list[Array],
    progress: Callable[[int], None],
) -> tuple[str, list[bytes]]:
    """("", [integer TFLite, float TFLite]); or why it cannot be integer, and [partly float TFLite]."""
    name, scheme = request["path"], request["scheme"]
    try:
        function = freeze(network, request["shapes"])
        real = to_float(function)
    except Exception as error:
        raise _refusal(name, error) from None

    def samples() -> Iterator[list[Array]]:
        for index in range(len(arrays[0])):
            progress(index + 1)
            yield [np.ascontiguousarray(array[index][np.newaxis]) for array in arrays]

    try:
        return "", [to_integer(function, scheme, samples, strict=True), real]
    except Exception as error:
        try:
            mixed = to_integer(function, scheme, samples, strict=False)
        except Exception:
            raise _refusal(name, error) from None
        return keras_load.reason(error), [mixed]


def _refusal(name: str, error: Exception) -> UsageError:
    """What the converter said, without the page of advice about its own options."""
    text = str(error)
    for line in text.splitlines():
        for label in ("Flex ops:", "TF Select ops:", "Custom ops:"):
            if line.strip().startswith(label):
                operators = line.split(":", 1)[1].strip()
                return Unsupported(
                    f"{name} needs operators that TensorFlow Lite does not have: {operators}",
                    "replace the layers that use them",
                )
    return UsageError(
        f"TensorFlow cannot convert {name}: {keras_load.reason(error)}",
        "see which layer that is, and replace it or export the model again",
    )


def main() -> None:
    """Answer "load", then "convert", until stdin ends; an error that is not foreseen ends the process."""
    network: keras_load.Network | None = None

    def answer(request: dict[str, Any], arrays: list[Array], progress: Callable[[int], None]) -> Message:
        nonlocal network
        try:
            if request["do"] == "load":
                network = keras_load.load(Path(request["path"]))
                return _describe(network), []
            assert network is not None, "load comes first"
            refused, models = convert(network, request, arrays, progress)
            return {"refused": refused}, [np.frombuffer(model, np.uint8) for model in models]
        except TinyedgeError as error:
            kind = type(error).__name__
            return {"error": {"kind": kind, "message": str(error), "hint": error.hint}}, []

    worker.serve(answer)


def _describe(network: keras_load.Network) -> dict[str, Any]:
    return {
        "names": network.names,
        "shapes": network.shapes,
        "dtypes": network.dtypes,
        "layers": network.layers,
        "origin": network.origin,
    }
