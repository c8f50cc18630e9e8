# SPDX-License-Identifier: Apache-2.0
"""Cases over keras.layers, each a layer or two behind an input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.matrix import Case

IMAGE, SIGNAL, VECTOR = (8, 6, 4), (12, 4), (10,)


def _of(shape: tuple[int, ...], make: Callable[[Any], Any]) -> Case:
    """One layer, which `make` gets from keras.layers."""
    return Case((shape,), lambda keras, x: make(keras.layers)(x))


def _activated(name: str) -> Case:
    return _of((5, 8), lambda k: k.Activation(name))


def _merged(kind: str) -> Case:
    return Case((IMAGE, IMAGE), lambda keras, a, b: getattr(keras.layers, kind)()([a, b]))


_ACTIVATIONS = """
celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus squareplus
tanh tanh_shrink threshold
"""

_IMAGE_LAYERS: dict[str, Callable[[Any], Any]] = {
    "conv": lambda k: k.Conv2D(5, 3),
    "conv_same": lambda k: k.Conv2D(5, 3, strides=2, padding="same", activation="relu"),
    "conv_dilated": lambda k: k.Conv2D(5, 3, dilation_rate=2, use_bias=False),
    "conv_grouped": lambda k: k.Conv2D(6, 3, groups=2),
    "conv_pointwise": lambda k: k.Conv2D(7, 1, activation="relu6"),
    "conv_tall": lambda k: k.Conv2D(3, (5, 1), padding="same"),
    "depthwise": lambda k: k.DepthwiseConv2D(3),
    "depthwise_multiplied": lambda k: k.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    "depthwise_dilated": lambda k: k.DepthwiseConv2D(3, dilation_rate=2),
    "separable": lambda k: k.SeparableConv2D(6, 3, padding="same"),
    "transposed": lambda k: k.Conv2DTranspose(5, 3, strides=2, padding="same"),
    "transposed_valid": lambda k: k.Conv2DTranspose(5, 2, strides=2),
    "max_pool": lambda k: k.MaxPooling2D(2),
    "max_pool_same": lambda k: k.MaxPooling2D(3, strides=2, padding="same"),
    "average_pool": lambda k: k.AveragePooling2D(2),
    "average_pool_same": lambda k: k.AveragePooling2D(3, strides=2, padding="same"),
    "global_max": lambda k: k.GlobalMaxPooling2D(),
    "global_average": lambda k: k.GlobalAveragePooling2D(keepdims=True),
    "upsampled": lambda k: k.UpSampling2D(2),
    "upsampled_bilinear": lambda k: k.UpSampling2D((2, 3), interpolation="bilinear"),
    "zero_padded": lambda k: k.ZeroPadding2D(((1, 2), (0, 3))),
    "cropped": lambda k: k.Cropping2D(((1, 2), (0, 3))),
    "resized": lambda k: k.Resizing(5, 9),
    "resized_nearest": lambda k: k.Resizing(12, 12, interpolation="nearest"),
    "rescaled": lambda k: k.Rescaling(0.5, 0.1),
    "permuted": lambda k: k.Permute((3, 1, 2)),
    "flat": lambda k: k.Flatten(),
    "reshaped": lambda k: k.Reshape((6, 32)),
    "batch_normalized": lambda k: k.BatchNormalization(),
    "layer_normalized": lambda k: k.LayerNormalization(),
    "rms_normalized": lambda k: k.RMSNormalization(),
    "group_normalized": lambda k: k.GroupNormalization(2),
    "unit_normalized": lambda k: k.UnitNormalization(),
    "prelu": lambda k: k.PReLU(shared_axes=(1, 2)),
    "dropped_out": lambda k: k.SpatialDropout2D(0.5),
    "over_time": lambda k: k.TimeDistributed(k.Dense(3)),
    "dense": lambda k: k.Dense(5, activation="tanh"),
    "einsum": lambda k: k.EinsumDense("abcd,de->abce", output_shape=(None, None, 5), bias_axes="e"),
}

_SIGNAL_LAYERS: dict[str, Callable[[Any], Any]] = {
    "conv": lambda k: k.Conv1D(5, 3, padding="same"),
    "conv_causal": lambda k: k.Conv1D(5, 3, padding="causal", dilation_rate=2),
    "conv_strided": lambda k: k.Conv1D(5, 4, strides=3),
    "depthwise": lambda k: k.DepthwiseConv1D(3),
    "separable": lambda k: k.SeparableConv1D(6, 3),
    "transposed": lambda k: k.Conv1DTranspose(5, 3, strides=2),
    "max_pool": lambda k: k.MaxPooling1D(2),
    "average_pool": lambda k: k.AveragePooling1D(3, padding="same"),
    "global_max": lambda k: k.GlobalMaxPooling1D(),
    "global_average": lambda k: k.GlobalAveragePooling1D(),
    "upsampled": lambda k: k.UpSampling1D(3),
    "zero_padded": lambda k: k.ZeroPadding1D((2, 1)),
    "cropped": lambda k: k.Cropping1D((2, 1)),
    "layer_normalized": lambda k: k.LayerNormalization(),
    "lstm": lambda k: k.LSTM(5),
    "lstm_sequence": lambda k: k.LSTM(5, return_sequences=True),
    "lstm_other": lambda k: k.LSTM(4, activation="relu"),
    "gru": lambda k: k.GRU(5),
    "gru_old": lambda k: k.GRU(5, reset_after=False, return_sequences=True),
    "simple": lambda k: k.SimpleRNN(5),
    "both_ways": lambda k: k.Bidirectional(k.GRU(3)),
    "backwards": lambda k: k.SimpleRNN(4, go_backwards=True),
}

_VECTOR_LAYERS: dict[str, Callable[[Any], Any]] = {
    "dense": lambda k: k.Dense(7),
    "dense_plain": lambda k: k.Dense(7, use_bias=False, activation="relu"),
    "repeated": lambda k: k.RepeatVector(3),
    "softmax": lambda k: k.Softmax(),
    "leaky": lambda k: k.LeakyReLU(0.2),
    "elu": lambda k: k.ELU(0.7),
    "relu_capped": lambda k: k.ReLU(max_value=4.0, negative_slope=0.1),
    "regularized": lambda k: k.ActivityRegularization(0.1),
    "noisy": lambda k: k.GaussianNoise(0.1),
    "spectral": lambda k: k.SpectralNormalization(k.Dense(4)),
}


def _attention(keras: Any, x: Any) -> Any:
    return keras.layers.MultiHeadAttention(2, 4)(x, x)


CASES = {
    **{f"activation_{name}": _activated(name) for name in _ACTIVATIONS.split()},
    **{f"image_{name}": _of(IMAGE, make) for name, make in _IMAGE_LAYERS.items()},
    **{f"signal_{name}": _of(SIGNAL, make) for name, make in _SIGNAL_LAYERS.items()},
    **{f"vector_{name}": _of(VECTOR, make) for name, make in _VECTOR_LAYERS.items()},
    **{
        f"merged_{kind.lower()}": _merged(kind)
        for kind in ("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract")
    },
    "merged_dot": Case((VECTOR, VECTOR), lambda keras, a, b: keras.layers.Dot(axes=1)([a, b])),
    "attention": Case((SIGNAL, SIGNAL), lambda keras, a, b: keras.layers.Attention()([a, b])),
    "attention_additive": Case(
        (SIGNAL, SIGNAL), lambda keras, a, b: keras.layers.AdditiveAttention()([a, b])
    ),
    "attention_of_heads": Case((SIGNAL,), _attention),
    "attention_grouped": Case((SIGNAL,), lambda keras, x: keras.layers.GroupQueryAttention(4, 4, 2)(x, x)),
    "embedding": Case(((6,),), lambda keras, x: keras.layers.Embedding(9, 4)(x), rows=9),
    "stateful_gru": Case(((1, 4),), lambda keras, x: keras.layers.GRU(5, stateful=True)(x), batch=1),
    "stateful_lstm": Case(((1, 4),), lambda keras, x: keras.layers.LSTM(5, stateful=True)(x), batch=1),
    "stateful_steps": Case(((4, 3),), lambda keras, x: keras.layers.SimpleRNN(5, stateful=True)(x), batch=1),
    "stateful_long": Case(((120, 2),), lambda keras, x: keras.layers.GRU(3, stateful=True)(x), batch=1),
    "long_gru": Case(((150, 3),), lambda keras, x: keras.layers.GRU(4, return_sequences=True)(x)),
    "long_lstm_other": Case(((150, 3),), lambda keras, x: keras.layers.LSTM(4, activation="relu")(x)),
    "long_both_ways": Case(
        ((120, 3),), lambda keras, x: keras.layers.Bidirectional(keras.layers.SimpleRNN(4))(x)
    ),
    "long_conv_lstm": Case(((110, 5, 1),), lambda keras, x: keras.layers.ConvLSTM1D(2, 3)(x)),
    "conv_lstm": Case(((5, 8, 2),), lambda keras, x: keras.layers.ConvLSTM1D(3, 3, dropout=0.2)(x)),
    "volume": Case(((4, 4, 4, 2),), lambda keras, x: keras.layers.Conv3D(3, 2)(x)),
    "volume_max": Case(((4, 4, 4, 2),), lambda keras, x: keras.layers.MaxPooling3D(2)(x)),
}
