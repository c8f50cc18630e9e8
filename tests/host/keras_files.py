# SPDX-License-Identifier: Apache-2.0
"""Takes a folder, gives Keras files of every kind in it, good and bad; run by test_quantize.py on its own.

A test process does not import TensorFlow: it takes seconds, and its state would leak between tests.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers


class Mystery(layers.Layer):  # type: ignore[misc]
    """A layer that nobody else knows."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Twice as much."""
        return x * 2.0


class Ring(tf.Module):  # type: ignore[misc]
    """Keeps the last four frames, and a sliding mean of what is made of them, in variables."""

    def __init__(self) -> None:
        random = np.random.default_rng(4)
        self.rows = tf.Variable(tf.fill((1, 4, 2), 0.25))
        self.mean = tf.Variable(tf.zeros((1, 3)))
        self.weights = tf.Variable(random.normal(size=(8, 3)).astype(np.float32))
        self.last = tf.Variable(random.normal(size=(3, 2)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec((1, 1, 2), name="step")])  # type: ignore[untyped-decorator]
    def step(self, x: tf.Tensor) -> tf.Tensor:
        """The next frame."""
        self.rows.assign(tf.concat([self.rows[:, 1:], x], 1))
        made = tf.matmul(tf.reshape(self.rows, (1, 8)), self.weights)
        self.mean.assign(0.75 * self.mean + 0.25 * made)
        return tf.matmul(self.mean, self.last)


def dense(**after: layers.Layer) -> keras.Model:
    """Vector of 6 to 3, then what is asked for."""
    vector = keras.Input((6,), name="vector")
    x = layers.Dense(3, name="dense")(vector)
    for layer in after.values():
        x = layer(x)
    return keras.Model(vector, layers.Dense(2, name="last")(x))


def long(folder: Path) -> None:
    """Layers over more steps than a chain may have."""
    keras.utils.set_random_seed(1)
    signal = keras.Input((120, 2), name="long")
    x = layers.SimpleRNN(3, name="second")(layers.GRU(3, return_sequences=True, name="first")(signal))
    keras.Model(signal, x).save(folder / "long.keras")
    np.savez(folder / "long.npz", x=np.random.default_rng(0).normal(size=(40, 120, 2)))


def uncommon(folder: Path, left: keras.KerasTensor, right: keras.KerasTensor) -> None:
    """Inputs that are not used, layers that have 8 bits only, and what cannot be integer at all."""
    through = keras.Input((3,), name="through")
    keras.Model([left, right, through], [layers.Dense(2)(left), through]).save(folder / "unused.keras")

    rows = keras.Input((10, 2), name="rows")
    place = np.linspace(0.1, 0.2, 10, dtype=np.float32)[:, None]  # of which Keras 3 makes a BiasAdd
    x = layers.Dense(10, activation="hard_silu")(rows + place)
    x = layers.UnitNormalization()(keras.ops.tril(x) + 0.1)
    keras.Model(rows, layers.Dense(2)(x)).save(folder / "narrow.keras")

    volume = keras.Input((4, 4, 4, 2), name="voxels")
    x = layers.Conv3D(3, 2, name="volume")(volume)
    keras.Model(volume, layers.Dense(2, name="last")(keras.ops.erfinv(x))).save(folder / "many.keras")


def lasting(folder: Path) -> None:
    """What goes on from call to call, and what it gives frame after frame."""
    keras.utils.set_random_seed(2)
    step = keras.Input(batch_shape=(1, 1, 2), name="step")
    inner = layers.GRU(5, stateful=True, return_sequences=True, name="inner")(step)
    kinds = {
        "GRU": layers.SimpleRNN(4, stateful=True)(inner),
        "cells": layers.RNN([layers.LSTMCell(4), layers.GRUCell(4)], stateful=True)(step),
        "LSTM": layers.LSTM(6, stateful=True)(step),
    }
    frames = np.random.default_rng(2).normal(size=(60, 1, 2)).astype(np.float32)
    followed = {}
    for kind, x in kinds.items():
        model = keras.Model(step, layers.Dense(2)(x))
        model.save(folder / f"lasting_{kind}.keras")
        followed[kind] = model.predict(frames, batch_size=1, verbose=0)
    ring = Ring()
    tf.saved_model.save(ring, str(folder / "lasting_variables"))
    followed["variables"] = np.concatenate([ring.step(frame[np.newaxis]) for frame in frames])
    np.savez(folder / "frames.npz", x=frames)
    np.savez(folder / "followed.npz", **followed)


def main(folder: Path) -> None:
    """Write them all."""
    keras.utils.set_random_seed(1)
    plain = dense()
    plain.save(folder / "plain.keras")
    plain.save(folder / "plain.h5")
    plain.save(folder / "renumbered.h5")
    with h5py.File(folder / "renumbered.h5", "a") as file:  # what people do to files of Keras 3
        file.attrs["keras_version"] = "2.13.0"
    plain.export(folder / "plain_folder", verbose=False)
    plain.save_weights(folder / "only.weights.h5")
    dense(soft=layers.Activation("elu", name="soft"), softer=layers.Activation("selu", name="softer")).save(
        folder / "smooth.keras"
    )
    dense(soft=layers.Activation("elu", name="soft")).save(folder / "island.keras")
    dense(sharp=layers.ReLU(threshold=0.5, name="sharp")).save(folder / "sharp.keras")
    dense(mystery=Mystery(name="mystery")).save(folder / "mystery.keras")
    dense(mine=layers.Lambda(lambda x: x, name="mine")).save(folder / "lambda.h5")

    signal = keras.Input((None, 2), name="signal")
    x = layers.Conv1D(4, 3, name="open")(signal)
    keras.Model(signal, layers.GlobalAveragePooling1D(name="mean")(x)).save(folder / "open.keras")

    left, right = keras.Input((4,), name="left"), keras.Input((2,), name="right")
    joined = layers.Concatenate(name="joined")([left, right])
    keras.Model([left, right], layers.Dense(2, name="both")(joined)).save(folder / "two.keras")

    dense(silent=layers.Dense(3, name="silent", kernel_initializer="zeros", activation="relu")).save(
        folder / "silent.keras"
    )

    normal = [layers.LayerNormalization(), layers.RMSNormalization(), layers.UnitNormalization()]
    dense(**{layer.name: layer for layer in normal}).save(folder / "normal.keras")

    loop = keras.Input((10, 2), name="loop")
    recurrent = {kind: getattr(layers, kind)(6) for kind in ("GRU", "SimpleRNN", "LSTM")}
    recurrent["both_ways"] = layers.Bidirectional(layers.GRU(4, return_sequences=True, reset_after=False))
    recurrent["cells"] = layers.RNN([layers.LSTMCell(4), layers.GRUCell(4)])
    for kind, layer in recurrent.items():
        keras.Model(loop, layers.Dense(2)(layer(loop))).save(folder / f"recurrent_{kind}.keras")
    halves = keras.ops.split(layers.Dense(8)(left), 2, axis=-1)
    x = layers.Concatenate()([layers.Activation("sigmoid")(halves[0]), layers.Activation("tanh")(halves[1])])
    keras.Model(left, layers.Dense(2)(x)).save(folder / "splits.keras")
    lasting(folder)

    keras.Model(loop, layers.LSTM(4, name="lstm")(loop)).export(folder / "loop_folder", verbose=False)

    module = tf.Module()
    specs = [tf.TensorSpec((None, 6), tf.float32)]
    module.f = tf.function(lambda x: {"y": tf.math.erfinv(x)}, input_signature=specs)
    tf.saved_model.save(module, str(folder / "flex_folder"), signatures=module.f)
    uncommon(folder, left, right)
    long(folder)

    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (40, 6)).astype(np.float32)
    np.savez(folder / "x.npz", x=x, y=rng.integers(0, 2, 40))
    np.savez(folder / "signal.npz", x=rng.normal(size=(40, 10, 2)))
    np.savez(folder / "voxels.npz", x=rng.normal(size=(40, 4, 4, 4, 2)))
    np.savez(
        folder / "two.npz",
        left=rng.normal(size=(40, 4)),
        right=rng.normal(size=(40, 2)),
        through=rng.normal(size=(40, 3)),
    )
    broken = dense(
        norm=layers.BatchNormalization(moving_variance_initializer=keras.initializers.Constant(-1.0))
    )
    broken.save(folder / "negative.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
