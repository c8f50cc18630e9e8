# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the small integer .tflite files beside it: `python tests/models/make.py`.

Needs TensorFlow.
Weights are random, not trained: what counts is that every element of the output depends on the input. Their
oracle is LiteRT. The files are committed; run this again only to change them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tinyedge.model.keras import child as keras_child
from tinyedge.model.keras import load as keras_load

HERE = Path(__file__).resolve().parent
SAMPLES = 64
MAX_BYTES = 30_000


def tiny_cnn() -> keras.Model:
    """Image [24, 20, 3] to 5 classes: odd sizes, every kind of padding, a residual sum, ReLU6."""
    image = keras.Input((24, 20, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu6", name="stem")(image)
    x = layers.ZeroPadding2D(((1, 0), (2, 1)), name="pad")(x)
    x = layers.DepthwiseConv2D(3, padding="valid", use_bias=False, name="depthwise")(x)
    x = layers.ReLU(6.0, name="relu6")(x)
    y = layers.Conv2D(8, 1, name="point")(x)
    x = layers.Add(name="add")([x, y])
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="max")(x)
    x = layers.DepthwiseConv2D((3, 5), padding="same", depth_multiplier=2, activation="relu", name="double")(
        x
    )
    x = layers.AveragePooling2D((2, 3), strides=(1, 2), padding="same", name="average")(x)
    x = layers.Conv2D(12, (3, 2), dilation_rate=2, padding="same", activation="relu", name="dilated")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(image, layers.Dense(5, activation="softmax", name="classes")(x), name="tiny_cnn")


def tiny_ae() -> keras.Model:
    """Vector of 36 to itself through 5: dense layers with ReLU, tanh and sigmoid."""
    vector = keras.Input((36,), name="vector")
    x = layers.Dense(24, activation="relu", name="wide")(vector)
    x = layers.Dense(5, activation="tanh", name="code")(x)
    x = layers.Dense(19, activation="sigmoid", name="gate")(x)
    return keras.Model(vector, layers.Dense(36, name="back")(x))


def branches() -> keras.Model:
    """Signal [40, 4] through two branches that live at once: product, difference, concatenation."""
    signal = keras.Input((40, 4), name="signal")
    x = layers.Conv1D(8, 5, strides=2, padding="same", activation="relu", name="first")(signal)
    left = layers.Conv1D(8, 3, padding="same", name="left")(x)
    right = layers.Conv1D(8, 1, activation="sigmoid", name="right")(x)
    gated = layers.Multiply(name="gated")([left, right])
    rest = layers.Subtract(name="rest")([x, gated])
    x = layers.Concatenate(name="joined")([gated, rest, x])
    x = layers.MaxPooling1D(2, name="halved")(x)
    x = layers.Flatten(name="flat")(x)
    return keras.Model(signal, layers.Dense(3, name="scores")(x))


def randomised(model: keras.Model) -> keras.Model:
    """The model with biases that are not zero and a last layer that tells inputs apart."""
    rng = np.random.default_rng(3)
    for weight in model.weights:
        if weight.name == "bias":
            weight.assign(rng.normal(size=weight.shape) * 0.3)
    last = model.layers[-1]
    before = keras.Model(model.inputs, last.input).predict(inputs(model), verbose=0) @ last.kernel.numpy()
    # After a mean over a whole image little is left of what differs between random inputs: stretch it to 2.
    gain = 2.0 / before.std(axis=0)
    last.kernel.assign(last.kernel * gain)
    last.bias.assign(last.bias - before.mean(axis=0) * gain)
    return model


def network(model: keras.Model) -> keras_load.Network:
    """The model as our converter takes it."""
    tensor = model.inputs[0]
    names = tuple(layer.name for layer in model.layers)
    call: Callable[..., list[Any]] = lambda x: [model(x, training=False)]  # noqa: E731
    return keras_load.Network(call, (tensor.name,), (tuple(tensor.shape),), ("float32",), names, "keras")


def inputs(model: keras.Model) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Random calibration data [SAMPLES, ...]."""
    shape = (SAMPLES, *model.inputs[0].shape[1:])
    return np.random.default_rng(7).normal(size=shape).astype(np.float32)


def integer(model: keras.Model, scheme: str) -> bytes:
    """As `tinyedge quantize` makes it."""
    arrays = [inputs(model)]
    request = {
        "name": model.name,
        "scheme": scheme,
        "shapes": [[1, *model.inputs[0].shape[1:]]],
        "single": False,
    }
    refused, made = keras_child.convert(network(model), request, arrays, lambda done: None)
    if refused:
        raise SystemExit(refused)
    return made[0]


def with_border(model: keras.Model, dtype: tf.DType) -> bytes:
    """Integer inside; at the border float32 (QUANTIZE and DEQUANTIZE stay in the file) or uint8."""
    converter = keras_child.trace(network(model), [[1, *model.inputs[0].shape[1:]]]).converter()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = dtype
    converter.inference_output_type = dtype

    def samples() -> Iterator[list[Any]]:
        for sample in inputs(model):
            yield [sample[np.newaxis]]

    converter.representative_dataset = samples
    data: bytes = converter.convert()
    return data


def main() -> None:
    """Write every file; the seed is set before each model, so that adding one changes no other."""
    made: dict[str, bytes] = {}
    for build in (tiny_cnn, tiny_ae, branches):
        keras.backend.clear_session()
        keras.utils.set_random_seed(20)
        model = randomised(build())
        made[build.__name__] = integer(model, "int8")
        if build is not branches:
            made[f"{build.__name__}_int16x8"] = integer(model, "int16x8")
            made[f"{build.__name__}_float_io"] = with_border(model, tf.float32)
            made[f"{build.__name__}_uint8_io"] = with_border(model, tf.uint8)
    for name, data in made.items():
        if len(data) > MAX_BYTES:
            raise SystemExit(f"{name} has {len(data)} bytes, more than {MAX_BYTES}")
        (HERE / f"{name}.tflite").write_bytes(data)
        sys.stdout.write(f"{name}.tflite {len(data)}\n")


if __name__ == "__main__":
    main()
