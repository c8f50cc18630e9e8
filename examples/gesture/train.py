# SPDX-License-Identifier: Apache-2.0
"""Takes `recordings/train.csv` and the pipeline of tinyedge.toml, gives `model.keras` beside this file.

    python data.py && python train.py        (needs tinyedge[keras] and seglearn; about a minute)

The windows come from the very C that runs on the device. The seed is fixed and TensorFlow told to be
deterministic: on one machine the same weights come out each time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import tinyedge

HERE = Path(__file__).resolve().parent
SEED = 1
WINDOW = 100  # samples: 2 s, as tinyedge.toml has it
HOP = 10


def network() -> keras.Model:
    """Three convolutions over time, the mean of what they find, softmax over 7 exercises."""
    window = keras.Input((WINDOW, 6), name="window")
    x = layers.Conv1D(16, 5, strides=2, activation="relu", name="coarse")(window)
    x = layers.Conv1D(24, 5, strides=2, activation="relu", name="middle")(x)
    x = layers.Conv1D(24, 3, activation="relu", name="fine")(x)
    x = layers.GlobalAveragePooling1D(name="mean")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    return keras.Model(window, layers.Dense(7, activation="softmax", name="exercise")(x), name="gesture")


def main() -> None:
    """Train and save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    made = tinyedge.features(HERE, HERE / "recordings" / "train.csv", hop=HOP)
    assert made.labels is not None
    x, y, runs = made.real(), made.labels, WINDOW // HOP
    # Only windows that lie within one exercise, the first of which are not full.
    whole = np.array([at >= runs and (y[at - runs : at + 1] == y[at]).all() for at in range(len(y))])
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[whole], y[whole], epochs=25, batch_size=64, verbose=0)
    accuracy = float(model.evaluate(x[whole], y[whole], verbose=0)[1])
    keras.Model(model.inputs, model.outputs, name=model.name).save(HERE / "model.keras")
    sys.stdout.write(f"{whole.sum()} windows of {', '.join(made.classes)}, accuracy on them {accuracy:.3f}\n")


if __name__ == "__main__":
    main()
