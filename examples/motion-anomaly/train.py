# SPDX-License-Identifier: Apache-2.0
"""Takes the training series of the normal activity, gives `model.keras` and `scaling.json` beside this file.

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
NORMAL = "Standing"
WINDOW = 25  # samples: 2.5 s


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
    series, labels = basic_motions.load("TRAIN")
    normal = series[labels == basic_motions.ACTIVITIES.index(NORMAL)]
    mean, deviation = normal.mean(axis=(0, 1)), normal.std(axis=(0, 1))
    inputs = basic_motions.windows((normal - mean) / deviation, WINDOW, hop=1).astype(np.float32)
    model = network()
    model.compile("adam", "mse")
    model.fit(inputs, inputs, epochs=80, batch_size=32, verbose=0)
    loss = float(model.evaluate(inputs, inputs, verbose=0))
    keras.Model(model.inputs, model.outputs, name=model.name).save(HERE / "model.keras")
    scaling = {"channels": basic_motions.CHANNELS, "mean": mean.tolist(), "deviation": deviation.tolist()}
    (HERE / "scaling.json").write_text(json.dumps(scaling, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(inputs)} windows of {NORMAL}, reconstruction error {loss:.3f}\n")


if __name__ == "__main__":
    main()
