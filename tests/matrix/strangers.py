# SPDX-License-Identifier: Apache-2.0
"""Cases that are networks of kinds that others bring: published blocks, sensors, sequences, odd wiring."""

from __future__ import annotations

from typing import Any

from tests.matrix import Case


def _efficientnet(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Rescaling(1 / 127.5, offset=-1)(x)
    x = k.Activation("swish")(k.BatchNormalization()(k.Conv2D(8, 3, strides=2, padding="same")(x)))
    for stride, width in ((1, 8), (2, 12)):
        inner = k.Activation("swish")(k.BatchNormalization()(k.Conv2D(24, 1, use_bias=False)(x)))
        inner = k.ZeroPadding2D(((0, 1), (0, 1)))(inner) if stride == 2 else inner
        padding = "valid" if stride == 2 else "same"
        inner = k.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False)(inner)
        inner = k.Activation("swish")(k.BatchNormalization()(inner))
        weight = k.Reshape((1, 1, 24))(k.GlobalAveragePooling2D()(inner))
        weight = k.Conv2D(24, 1, activation="sigmoid")(k.Conv2D(4, 1, activation="swish")(weight))
        inner = k.BatchNormalization()(k.Conv2D(width, 1)(k.Multiply()([inner, weight])))
        x = k.Add()([k.Dropout(0.2)(inner), x]) if stride == 1 and width == 8 else inner
    return k.Dense(5, activation="softmax")(k.Dropout(0.2)(k.GlobalAveragePooling2D()(x)))


def _mobilenet_v3_small(keras: Any, x: Any) -> Any:
    k = keras.layers

    def hard_swish(x: Any) -> Any:
        return k.Multiply()([x, k.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)])

    x = hard_swish(k.BatchNormalization()(k.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)))
    inner = hard_swish(k.BatchNormalization()(k.Conv2D(16, 1, use_bias=False)(x)))
    inner = hard_swish(k.BatchNormalization()(k.DepthwiseConv2D(5, padding="same", use_bias=False)(inner)))
    weight = k.Conv2D(4, 1, activation="relu")(k.GlobalAveragePooling2D(keepdims=True)(inner))
    weight = k.ReLU(6.0)(k.Conv2D(16, 1)(weight) + 3.0) * (1.0 / 6.0)
    x = k.Add()([x, k.BatchNormalization()(k.Conv2D(8, 1, use_bias=False)(k.Multiply()([inner, weight])))])
    x = k.Conv2D(20, 1)(k.GlobalAveragePooling2D(keepdims=True)(hard_swish(x)))
    return k.Softmax()(k.Flatten()(k.Conv2D(4, 1)(hard_swish(x))))


def _yolo_scales(keras: Any, x: Any) -> Any:
    k = keras.layers

    def block(x: Any, width: int, size: int = 3) -> Any:
        x = k.BatchNormalization()(k.Conv2D(width, size, padding="same", use_bias=False)(x))
        return k.LeakyReLU(negative_slope=0.1)(x)

    fine = block(k.MaxPooling2D()(block(x, 6)), 10)
    coarse = block(k.MaxPooling2D()(fine), 14)
    heads = [k.Conv2D(18, 1)(coarse)]
    up = k.UpSampling2D(2)(block(coarse, 6, 1))
    heads.append(k.Conv2D(18, 1)(block(k.Concatenate()([up, fine]), 10)))
    return [k.Reshape((*head.shape[1:3], 3, 6))(head) for head in heads]


def _heatmaps(keras: Any, x: Any) -> Any:
    k = keras.layers
    low = k.ReLU(6.0)(k.Conv2D(8, 3, strides=2, padding="same")(x))
    deep = k.ReLU(6.0)(k.SeparableConv2D(12, 3, strides=2, padding="same")(low))
    up = k.Conv2D(8, 1)(low) + k.UpSampling2D(interpolation="bilinear")(k.Conv2D(8, 1)(deep))
    centre = k.Conv2D(1, 1, activation="sigmoid", name="centre")(k.SeparableConv2D(8, 3, padding="same")(up))
    points = k.Conv2D(4, 1, activation="sigmoid", name="points")(k.SeparableConv2D(8, 3, padding="same")(up))
    offsets = k.Conv2D(8, 1, name="offsets")(up)
    return [centre, points, offsets, keras.ops.max(points, axis=(1, 2))]


def _crnn_ctc(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.MaxPooling2D(2)(k.Conv2D(6, 3, padding="same", activation="relu")(x))
    x = k.MaxPooling2D((2, 1))(k.BatchNormalization()(k.Conv2D(8, 3, padding="same", activation="relu")(x)))
    x = k.Reshape((x.shape[2], x.shape[1] * x.shape[3]))(k.Permute((2, 1, 3))(x))
    x = k.Bidirectional(k.GRU(6, return_sequences=True))(k.Dense(8, activation="relu")(x))
    return k.Dense(7, activation="softmax")(x)


def _encoder(keras: Any, x: Any) -> Any:
    k = keras.layers
    place = keras.ops.sin(keras.ops.arange(12, dtype="float32")[None, :, None] * 0.3)
    x = k.Dense(8)(x) + place
    for _ in range(2):
        inner = k.LayerNormalization(epsilon=1e-6)(x)
        x = x + k.Dropout(0.1)(k.MultiHeadAttention(2, 4)(inner, inner))
        inner = k.Dense(16, activation="relu")(k.LayerNormalization(epsilon=1e-6)(x))
        x = x + k.Dense(8)(inner)
    return k.Dense(3, activation="softmax")(k.Flatten()(x[:, :1]))


def _masked_attention(keras: Any, x: Any) -> Any:
    k = keras.layers
    query, key, value = k.Dense(6)(x), k.Dense(6)(x), k.Dense(6)(x)
    scores = keras.ops.matmul(query, keras.ops.transpose(key, (0, 2, 1))) * 6**-0.5
    past = keras.ops.tril(keras.ops.ones((1, x.shape[1], x.shape[1])))
    scores = scores * past - 8.0 * (1.0 - past)
    return k.Dense(4)(keras.ops.matmul(k.Softmax(axis=-1)(scores), value))


def _unet_deep(keras: Any, x: Any) -> Any:
    k = keras.layers

    def twice(x: Any, width: int) -> Any:
        for _ in range(2):
            x = k.ReLU()(k.BatchNormalization()(k.Conv2D(width, 3, padding="same")(x)))
        return x

    skips = []
    for width in (4, 6):
        skips.append(twice(x, width))
        x = k.MaxPooling2D()(skips[-1])
    x = k.Dropout(0.3)(twice(x, 8))
    for skip in reversed(skips):
        x = k.Conv2DTranspose(skip.shape[-1], 3, strides=2, padding="same")(x)
        x = twice(k.Concatenate()([x, skip]), skip.shape[-1])
    return k.Conv2D(3, 1, activation="softmax")(x)


def _variational(keras: Any, x: Any) -> Any:
    k = keras.layers
    inner = k.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    inner = k.Dense(8, activation="relu")(k.Flatten()(inner))
    mean, spread = k.Dense(3, name="mean")(inner), k.Dense(3, name="log_variance")(inner)
    code = mean + keras.ops.exp(0.5 * spread) * 0.1
    inner = k.Reshape((4, 4, 6))(k.Dense(96, activation="relu")(code))
    return [
        k.Conv2DTranspose(1, 3, strides=2, padding="same", activation="sigmoid")(inner),
        mean,
        spread,
    ]


def _siamese(keras: Any, left: Any, right: Any) -> Any:
    k = keras.layers
    stages = [k.Conv1D(6, 3, activation="relu"), k.MaxPooling1D(2), k.Flatten(), k.Dense(8)]
    for stage in stages:
        left, right = stage(left), stage(right)
    apart = keras.ops.abs(left - right)
    distance = keras.ops.sqrt(keras.ops.sum(keras.ops.square(left - right), axis=1, keepdims=True) + 1e-3)
    return [k.Dense(1, activation="sigmoid")(apart), distance]


def _fusion(keras: Any, motion: Any, sound: Any, climate: Any) -> Any:
    k = keras.layers
    motion = k.GlobalMaxPooling1D()(k.Conv1D(6, 5, activation="relu")(motion))
    sound = k.GlobalAveragePooling2D()(k.Conv2D(6, 3, activation="relu")(sound))
    climate = k.Dense(4, activation="elu")(k.BatchNormalization()(climate))
    x = k.Concatenate()([motion, sound, climate])
    gate = k.Dense(x.shape[-1], activation="sigmoid")(x)
    return [k.Dense(4, activation="softmax", name="kind")(x * gate), k.Dense(1, name="level")(x)]


def _keywords(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Reshape((*x.shape[1:], 1))(x)
    x = k.ReLU()(k.BatchNormalization()(k.Conv2D(8, (5, 4), strides=2, padding="same")(x)))
    for _ in range(2):
        x = k.ReLU()(k.BatchNormalization()(k.DepthwiseConv2D(3, padding="same")(x)))
        x = k.ReLU()(k.BatchNormalization()(k.Conv2D(8, 1)(x)))
    x = k.Dropout(0.4)(k.AveragePooling2D(x.shape[1:3])(x))
    return k.Dense(12, activation="softmax")(k.Flatten()(x))


def _keywords_of_samples(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Conv1D(8, 9, strides=4, activation="relu")(x)
    x = k.DepthwiseConv1D(5, padding="same")(x)
    x = k.MaxPooling1D(2)(k.ReLU()(k.LayerNormalization()(k.Conv1D(12, 1)(x))))
    x = k.SeparableConv1D(12, 3, dilation_rate=2, padding="same", activation="relu")(x)
    return k.Dense(4, activation="softmax")(k.GlobalAveragePooling1D()(x))


def _matchbox(keras: Any, x: Any) -> Any:
    k = keras.layers
    for size in (3, 5):
        inner = k.BatchNormalization()(k.SeparableConv1D(8, size, padding="same", use_bias=False)(x))
        x = k.ReLU()(k.Add()([inner, k.BatchNormalization()(k.Conv1D(8, 1)(x))]))
    mean = keras.ops.mean(x, axis=1)
    spread = keras.ops.std(x, axis=1)
    return k.Dense(3, activation="softmax")(k.Concatenate()([mean, spread]))


def _both_ways(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Bidirectional(k.LSTM(5, return_sequences=True))(x)
    x = k.Bidirectional(k.LSTM(4), merge_mode="sum")(x)
    return k.Dense(3, activation="softmax")(x)


def _sequence_to_sequence(keras: Any, x: Any) -> Any:
    k = keras.layers
    code, *states = k.LSTM(5, return_state=True)(x)
    x = k.LSTM(5, return_sequences=True)(k.RepeatVector(4)(code), initial_state=states)
    return k.TimeDistributed(k.Dense(2))(x)


def _frames(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.TimeDistributed(k.Conv2D(4, 3, activation="relu"))(x)
    x = k.TimeDistributed(k.GlobalAveragePooling2D())(x)
    return k.Dense(3, activation="softmax")(k.LSTM(5)(x))


def _conv_lstm(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.BatchNormalization()(k.ConvLSTM2D(3, 3, padding="same", return_sequences=True)(x))
    return k.Conv2D(1, 3, padding="same", activation="sigmoid")(k.ConvLSTM2D(2, 3, padding="same")(x))


def _group_normalized(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Activation("silu")(k.GroupNormalization(4)(k.Conv2D(8, 3, padding="same")(x)))
    x = x + k.Conv2D(8, 3, padding="same")(k.Activation("gelu")(k.GroupNormalization(1)(x)))
    return k.Dense(3)(k.GlobalMaxPooling2D()(k.PReLU()(x)))


def _prepared(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Normalization(mean=[0.2, -0.1, 0.4], variance=[1.5, 0.4, 0.9])(x)
    x = k.CenterCrop(10, 10)(k.Resizing(12, 12)(x))
    x = k.ZeroPadding2D(1)(k.Cropping2D(((1, 1), (2, 0)))(x))
    return k.Dense(3)(k.Flatten()(k.Conv2D(4, 3, strides=2, activation="relu")(x)))


def _mixer(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Conv2D(8, 4, strides=4)(x)
    x = k.Reshape((-1, 8))(x)
    for _ in range(2):
        inner = k.Permute((2, 1))(k.LayerNormalization()(x))
        inner = k.Dense(x.shape[1])(k.Dense(6, activation="gelu")(inner))
        x = k.Add()([x, k.Permute((2, 1))(inner)])
        x = k.Add()([x, k.Dense(8)(k.Dense(12, activation="gelu")(k.LayerNormalization()(x)))])
    return k.Dense(4)(k.GlobalAveragePooling1D()(x))


def _convnext(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.LayerNormalization(epsilon=1e-6)(k.Conv2D(8, 2, strides=2)(x))
    inner = k.LayerNormalization(epsilon=1e-6)(k.DepthwiseConv2D(7, padding="same")(x))
    x = x + k.Dense(8)(k.Activation("gelu")(k.Dense(16)(inner)))
    return k.Dense(4)(k.LayerNormalization()(k.GlobalAveragePooling2D()(x)))


def _shuffled(keras: Any, x: Any) -> Any:
    k = keras.layers
    height, width = x.shape[1:3]
    left, right = keras.ops.split(k.Conv2D(8, 1, activation="relu")(x), 2, axis=-1)
    right = k.Conv2D(4, 1, activation="relu")(k.DepthwiseConv2D(3, padding="same")(right))
    x = k.Concatenate()([left, right])
    x = k.Permute((1, 2, 4, 3))(k.Reshape((height, width, 2, 4))(x))
    return k.Dense(3)(k.GlobalAveragePooling2D()(k.Reshape((height, width, 8))(x)))


def _super_resolution(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.Conv2D(8, 5, padding="same", activation="relu")(x)
    x = k.Conv2D(12, 3, padding="same")(x)
    height, width = x.shape[1:3]
    # pixel shuffle, as it is written without tf.nn.depth_to_space
    x = k.Permute((1, 3, 2, 4, 5))(k.Reshape((height, width, 2, 2, 3))(x))
    return keras.ops.clip(k.Reshape((height * 2, width * 2, 3))(x), 0.0, 1.0)


def _wavenet(keras: Any, x: Any) -> Any:
    k = keras.layers
    x, skips = k.Conv1D(6, 1)(x), []
    for rate in (1, 2, 4):
        filtered = k.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="tanh")(x)
        gate = k.Conv1D(6, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
        skips.append(k.Conv1D(6, 1)(k.Multiply()([filtered, gate])))
        x = k.Add()([x, skips[-1]])
    return k.Conv1D(4, 1, activation="softmax")(k.Conv1D(8, 1, activation="relu")(k.ReLU()(k.Add()(skips))))


def _anomaly(keras: Any, x: Any) -> Any:
    k = keras.layers
    inner = k.Dense(4, activation="selu")(k.Dense(8, activation="selu")(x))
    made = k.Dense(x.shape[-1])(k.Dense(8, activation="softplus")(inner))
    return [made, keras.ops.mean(keras.ops.square(x - made), axis=-1, keepdims=True)]


def _mixture_of_experts(keras: Any, x: Any) -> Any:
    k = keras.layers
    gates = k.Softmax()(k.Dense(3)(x))
    experts = keras.ops.stack([k.Dense(4, activation="relu")(x) for _ in range(3)], axis=1)
    return k.Dense(2)(keras.ops.sum(experts * keras.ops.expand_dims(gates, -1), axis=1))


def _words(keras: Any, x: Any) -> Any:
    k = keras.layers
    x = k.SpatialDropout1D(0.2)(k.Embedding(20, 6)(x))
    x = k.Concatenate()([k.GlobalMaxPooling1D()(k.Conv1D(5, n, activation="relu")(x)) for n in (2, 3)])
    return k.Dense(2, activation="softmax")(x)


CASES = {
    "efficientnet": Case(((16, 16, 3),), _efficientnet),
    "mobilenet_v3_small": Case(((16, 16, 3),), _mobilenet_v3_small),
    "yolo_scales": Case(((16, 16, 3),), _yolo_scales),
    "heatmaps": Case(((16, 16, 3),), _heatmaps),
    "crnn_ctc": Case(((8, 16, 1),), _crnn_ctc),
    "encoder": Case(((12, 6),), _encoder),
    "masked_attention": Case(((8, 5),), _masked_attention),
    "unet_deep": Case(((16, 16, 2),), _unet_deep),
    "variational": Case(((8, 8, 1),), _variational),
    "siamese": Case(((20, 3), (20, 3)), _siamese),
    "fusion": Case(((24, 6), (10, 8, 1), (3,)), _fusion),
    "keywords": Case(((25, 10),), _keywords),
    "keywords_of_samples": Case(((200, 1),), _keywords_of_samples),
    "matchbox": Case(((16, 8),), _matchbox),
    "both_ways": Case(((8, 3),), _both_ways),
    "sequence_to_sequence": Case(((6, 3),), _sequence_to_sequence),
    "frames": Case(((4, 8, 8, 1),), _frames),
    "conv_lstm": Case(((3, 6, 6, 1),), _conv_lstm),
    "group_normalized": Case(((8, 8, 3),), _group_normalized),
    "prepared": Case(((16, 16, 3),), _prepared),
    "mixer": Case(((16, 16, 3),), _mixer),
    "convnext": Case(((16, 16, 3),), _convnext),
    "shuffled": Case(((8, 8, 3),), _shuffled),
    "super_resolution": Case(((6, 6, 3),), _super_resolution),
    "wavenet": Case(((24, 2),), _wavenet),
    "anomaly": Case(((10,),), _anomaly),
    "mixture_of_experts": Case(((6,),), _mixture_of_experts),
    "words": Case(((12,),), _words, rows=20),
}
