# SPDX-License-Identifier: Apache-2.0
"""Takes `recordings/normal.wav` and the pipeline of tinyedge.toml, gives `model.keras` beside this file.

    python data.py && python train.py        (needs tinyedge[keras]; under a minute)

The levels come from the very C that runs on the device. The seed is fixed and TensorFlow told to be
deterministic: on one machine the same weights come out each time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import tensorflow as tf
from keras import layers

import tinyedge

HERE = Path(__file__).resolve().parent
SEED = 1
BANDS = 16
HOP = 128  # samples: four times as many levels as the device makes


def network() -> keras.Model:
    """A dense autoencoder: 16 levels through 3 numbers and back."""
    levels = keras.Input((BANDS,), name="levels")
    x = layers.Dense(12, activation="relu", name="encode")(levels)
    x = layers.Dense(3, name="code")(x)
    x = layers.Dense(12, activation="relu", name="decode")(x)
    return keras.Model(levels, layers.Dense(BANDS, name="rebuild")(x), name="vibration")


def main() -> None:
    """Train and save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    levels = tinyedge.features(HERE, HERE / "recordings" / "normal.wav", hop=HOP).real().reshape(-1, BANDS)
    levels = levels[1024 // HOP :]  # the first windows are not full
    model = network()
    model.compile("adam", "mse")
    model.fit(levels, levels, epochs=60, batch_size=32, verbose=0)
    loss = float(model.evaluate(levels, levels, verbose=0))
    keras.Model(model.inputs, model.outputs, name=model.name).save(HERE / "model.keras")
    sys.stdout.write(f"{len(levels)} windows, reconstruction error {loss:.3f}\n")


if __name__ == "__main__":
    main()
