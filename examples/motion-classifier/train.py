# SPDX-License-Identifier: Apache-2.0
"""Takes the training series of all activities, gives `model.keras` and `scaling.json` beside this file.

    python train.py        (needs tinyedge[keras] and aeon)

The seed is fixed and TensorFlow told to be deterministic: on one machine the same weights come out each time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import basic_motions

HERE = Path(__file__).resolve().parent
SEED = 1
WINDOW = 40  # samples: 4 s


def network() -> keras.Model:
    """A convolution over time, a depthwise separable one, pooling, softmax over 4 activities."""
    window = keras.Input((WINDOW, 6, 1), name="window")
    x = layers.Conv2D(12, (5, 6), strides=(2, 1), use_bias=False, name="filters")(window)
    x = layers.BatchNormalization(name="normal")(x)
    x = layers.ReLU(6.0, name="relu6")(x)
    x = layers.MaxPooling2D((2, 1), name="halve")(x)
    x = layers.DepthwiseConv2D((3, 1), padding="same", activation="relu", name="depthwise")(x)
    x = layers.Conv2D(16, 1, activation="relu", name="pointwise")(x)
    x = layers.AveragePooling2D((9, 1), name="average")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    return keras.Model(
        window, layers.Dense(4, activation="softmax", name="activity")(x), name="motion_classifier"
    )


def main() -> None:
    """Train and save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    series, labels = basic_motions.load("TRAIN")
    mean, deviation = series.mean(axis=(0, 1)), series.std(axis=(0, 1))
    inputs = basic_motions.windows((series - mean) / deviation, WINDOW, hop=5).astype(np.float32)
    classes = np.repeat(labels, len(inputs) // len(labels))
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(inputs[..., np.newaxis], classes, epochs=60, batch_size=16, verbose=0)
    accuracy = float(model.evaluate(inputs[..., np.newaxis], classes, verbose=0)[1])
    keras.Model(model.inputs, model.outputs, name=model.name).save(HERE / "model.keras")
    scaling = {"channels": basic_motions.CHANNELS, "mean": mean.tolist(), "deviation": deviation.tolist()}
    (HERE / "scaling.json").write_text(json.dumps(scaling, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(inputs)} windows, accuracy on them {accuracy:.3f}\n")


if __name__ == "__main__":
    main()
