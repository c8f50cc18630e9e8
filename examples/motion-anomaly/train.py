# SPDX-License-Identifier: Apache-2.0
"""Takes `recordings/normal.csv` and the pipeline of tinyedge.toml, gives `model.keras` beside this file.

    python data.py && python train.py        (needs tinyedge[keras] and aeon; about a minute)

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
import tensorflow as tf
from keras import layers

import tinyedge

HERE = Path(__file__).resolve().parent
SEED = 1
WINDOW = 25  # samples: 2.5 s, as tinyedge.toml has it


def network() -> keras.Model:
    """A dense autoencoder: 25 samples x 6 channels through 8 numbers and back."""
    window = keras.Input((WINDOW, 6), name="window")
    x = layers.Flatten(name="flatten")(window)
    x = layers.Dense(32, activation="relu", name="encode")(x)
    x = layers.Dense(8, activation="relu", name="code")(x)
    x = layers.Dense(32, activation="relu", name="decode")(x)
    x = layers.Dense(WINDOW * 6, name="rebuild")(x)
    return keras.Model(window, layers.Reshape((WINDOW, 6), name="reconstruction")(x), name="motion_anomaly")


def main() -> None:
    """Train and save."""
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    # A window from every sample on, not only from each fifth; the first ones are not full.
    windows = tinyedge.features(HERE, HERE / "recordings" / "normal.csv", hop=1).real()[WINDOW - 1 :]
    model = network()
    model.compile("adam", "mse")
    model.fit(windows, windows, epochs=80, batch_size=32, verbose=0)
    loss = float(model.evaluate(windows, windows, verbose=0))
    keras.Model(model.inputs, model.outputs, name=model.name).save(HERE / "model.keras")
    sys.stdout.write(f"{len(windows)} windows, reconstruction error {loss:.3f}\n")


if __name__ == "__main__":
    main()
