# SPDX-License-Identifier: Apache-2.0
"""Cases that are small networks of the kinds that people put on microcontrollers."""

from __future__ import annotations

from typing import Any

from tests.matrix import Case


def _residual_tcn(keras: Any, x: Any) -> Any:
    k = keras.layers
    for rate in (1, 2, 4):
        inner = k.Conv1D(8, 3, padding="causal", dilation_rate=rate, activation="relu")(x)
        inner = k.Conv1D(8, 3, padding="causal", dilation_rate=rate)(inner)
        x = k.ReLU()(k.Add()([inner, k.Conv1D(8, 1)(x)]))
    return k.Dense(4, activation="softmax")(k.GlobalAveragePooling1D()(x))


def _crnn(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.MaxPooling2D((1, 2))(k.Conv2D(6, 3, padding="same", activation="relu")(x))
    x = k.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)
    return k.Dense(5, activation="softmax")(k.Bidirectional(k.GRU(6))(x))


def _transformer(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Dense(8)(x)
    x = k.LayerNormalization()(x + k.MultiHeadAttention(2, 4)(x, x))
    x = k.LayerNormalization()(x + k.Dense(8)(k.Dense(16, activation="gelu")(x)))
    return k.Dense(3, activation="softmax")(k.GlobalAveragePooling1D()(x))


def _unet(keras: Any, x: Any) -> Any:
    k = keras.layers
    first = k.Conv2D(4, 3, padding="same", activation="relu")(x)
    low = k.Conv2D(8, 3, padding="same", activation="relu")(k.MaxPooling2D()(first))
    up = k.Conv2DTranspose(4, 2, strides=2)(low)
    x = k.Conv2D(4, 3, padding="same", activation="relu")(k.Concatenate()([first, up]))
    return k.Conv2D(1, 1, activation="sigmoid")(x)


def _squeezed(k: Any, x: Any) -> Any:
    weight = k.Dense(max(2, x.shape[-1] // 4), activation="relu")(k.GlobalAveragePooling2D(keepdims=True)(x))
    return k.Multiply()([x, k.Dense(x.shape[-1], activation="hard_sigmoid")(weight)])


def _squeeze_and_excite(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = _squeezed(k, k.Conv2D(8, 3, padding="same", activation="relu")(x))
    return k.Dense(4, activation="softmax")(k.GlobalAveragePooling2D()(x))


def _autoencoder(keras: Any, x: Any) -> Any:
    k = keras.layers
    for width in (16, 8, 3, 8, 16):
        x = k.Activation("relu")(k.BatchNormalization()(k.Dense(width)(x)))
    return k.Dense(24)(x)


def _conv_autoencoder(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Conv2D(6, 3, strides=2, padding="same", activation="relu")(x)
    x = k.Conv2D(3, 3, strides=2, padding="same", activation="relu")(x)
    x = k.UpSampling2D()(k.Conv2D(6, 3, padding="same", activation="relu")(x))
    x = k.UpSampling2D(interpolation="bilinear")(x)
    return k.Conv2D(2, 3, padding="same")(x)


def _mobilenet_v2(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.ReLU(6.0)(k.BatchNormalization()(k.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)))
    for stride in (1, 2):
        inner = k.ReLU(6.0)(k.BatchNormalization()(k.Conv2D(16, 1, use_bias=False)(x)))
        inner = k.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(inner)
        inner = k.BatchNormalization()(k.Conv2D(8, 1)(k.ReLU(6.0)(k.BatchNormalization()(inner))))
        x = k.Add()([x, inner]) if stride == 1 else inner
    return k.Dense(4)(k.GlobalAveragePooling2D()(x))


def _mobilenet_v3(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Activation("hard_silu")(k.Conv2D(8, 3, strides=2, padding="same")(x))
    inner = k.Activation("hard_silu")(k.Conv2D(16, 1)(x))
    inner = k.Activation("hard_silu")(k.DepthwiseConv2D(5, padding="same")(inner))
    x = k.Add()([x, k.Conv2D(8, 1)(_squeezed(k, inner))])
    x = k.Activation("hard_silu")(k.Conv2D(12, 1)(k.GlobalAveragePooling2D(keepdims=True)(x)))
    return k.Flatten()(k.Conv2D(4, 1)(x))


def _yolo_nano(keras: Any, x: Any) -> Any:
    k = keras.layers

    def block(x: Any, width: int, stride: int) -> Any:
        return k.Activation("silu")(k.Conv2D(width, 3, strides=stride, padding="same")(x))

    fine = block(block(x, 8, 2), 12, 1)
    left, right = keras.ops.split(fine, 2, axis=-1)
    fine = k.Concatenate()([left, right, block(right, 6, 1)])
    coarse = block(fine, 16, 2)
    pooled = [coarse, *(k.MaxPooling2D(size, 1, padding="same")(coarse) for size in (3, 5))]
    coarse = k.Conv2D(16, 1)(k.Concatenate()(pooled))
    fine = block(k.Concatenate()([fine, k.UpSampling2D()(coarse)]), 12, 1)
    heads = [k.Reshape((-1, 7))(k.Conv2D(7, 1)(level)) for level in (fine, coarse)]
    return k.Activation("sigmoid")(k.Concatenate(axis=1)(heads))


def _movenet(keras: Any, x: Any) -> Any:
    k = keras.layers
    high = k.ReLU(6.0)(k.SeparableConv2D(8, 3, strides=2, padding="same")(x))
    low = k.ReLU(6.0)(k.SeparableConv2D(8, 3, strides=2, padding="same")(high))
    x = k.SeparableConv2D(8, 3, padding="same")(high + k.UpSampling2D(interpolation="bilinear")(low))
    heat = k.Activation("sigmoid")(k.Conv2D(3, 1)(x))
    place = keras.ops.argmax(k.Reshape((-1, 3))(heat), axis=1)
    return [heat, keras.ops.cast(place, "float32"), k.Conv2D(2, 1)(x)]


def _rnnoise(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Dense(8, activation="tanh")(x)
    voice = k.GRU(6, stateful=True, return_sequences=True)(x)
    noise = k.GRU(8, stateful=True, return_sequences=True)(k.Concatenate()([voice, x]))
    return [k.Dense(5, activation="sigmoid")(noise), k.Dense(1, activation="sigmoid")(voice)]


def _two_inputs(keras: Any, image: Any, vector: Any) -> Any:
    k = keras.layers
    x = k.GlobalMaxPooling2D()(k.Conv2D(6, 3, activation="relu")(image))
    x = k.Concatenate()([x, k.Dense(4, activation="relu")(vector)])
    return [k.Dense(3, activation="softmax")(x), k.Dense(1)(x)]


def _inception(keras: Any, x: Any) -> Any:
    k = keras.layers
    ways = [k.Conv2D(4, 1)(x), k.Conv2D(4, 3, padding="same")(k.Conv2D(3, 1)(x))]
    ways += [k.Conv2D(4, 1)(k.AveragePooling2D(3, 1, padding="same")(x)), k.Conv2D(2, 5, padding="same")(x)]
    return k.Dense(4)(k.Flatten()(k.ReLU()(k.Concatenate()(ways))))


CASES = {
    "tcn": Case(((24, 3),), _residual_tcn),
    "crnn": Case(((10, 8, 2),), _crnn),
    "transformer": Case(((10, 6),), _transformer),
    "unet": Case(((8, 8, 2),), _unet),
    "squeeze_and_excite": Case(((8, 8, 3),), _squeeze_and_excite),
    "autoencoder": Case(((24,),), _autoencoder),
    "conv_autoencoder": Case(((8, 8, 2),), _conv_autoencoder),
    "mobilenet_v2": Case(((16, 16, 3),), _mobilenet_v2),
    "mobilenet_v3": Case(((16, 16, 3),), _mobilenet_v3),
    "yolo_nano": Case(((16, 16, 3),), _yolo_nano),
    "movenet": Case(((16, 16, 3),), _movenet),
    "rnnoise": Case(((1, 9),), _rnnoise, batch=1),
    "two_inputs": Case(((8, 8, 2), (5,)), _two_inputs),
    "inception": Case(((8, 8, 3),), _inception),
}
