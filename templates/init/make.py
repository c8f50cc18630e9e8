# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives `vibration.keras`, `normal.csv` and `recording.csv`, the start of this project.

    pip install "tinyedge[keras]"
    python make.py
    tinyedge quantize vibration.keras --calibrate windows.npz -o vibration.tflite

The signal is synthetic: a shaft at 25 Hz seen by an accelerometer at 200 Hz, in g. At times something hits
the housing, which rings at 70 Hz: these are the anomalies. Put your own data and network here.
"""

from __future__ import annotations

import csv

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

RATE = 200  # Hz
WINDOW = 32  # samples: 0.16 s, four turns of the shaft
SEED = 5

Signal = NDArray[np.float64]


def running(rng: np.random.Generator, samples: int) -> Signal:
    """The machine as it should be: shaft, second harmonic, noise."""
    t = np.arange(samples) / RATE
    load = 1.0 + 0.15 * np.sin(2 * np.pi * 0.4 * t + rng.uniform(0, 6))
    shaft = np.sin(2 * np.pi * 25 * t + rng.uniform(0, 6)) + 0.3 * np.sin(
        2 * np.pi * 50 * t + rng.uniform(0, 6)
    )
    return load * shaft + rng.normal(scale=0.08, size=samples)


def impacts(rng: np.random.Generator, samples: int) -> Signal:
    """What a loose part adds: a ring every 20 to 30 samples."""
    signal, ring = np.zeros(samples + WINDOW), np.arange(WINDOW) / RATE
    at = 0
    while at < samples:
        strike = rng.uniform(0.8, 1.6) * np.exp(-ring / 0.03) * np.sin(2 * np.pi * 70 * ring)
        signal[at : at + WINDOW] += strike
        at += int(rng.integers(20, 31))
    return signal[:samples]


def write(name: str, signal: Signal, label: NDArray[np.int64]) -> None:
    """As a logger has it: a row a sample."""
    with open(name, "w", newline="", encoding="utf-8") as file:  # noqa: PTH123
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time_s", "acceleration_g", "label"])
        for row, (value, kind) in enumerate(zip(signal, label, strict=True)):
            writer.writerow([f"{row / RATE:.3f}", f"{value:.3f}", kind])


def main() -> None:
    """Make the data, train, save."""
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    long = running(rng, 20_000)
    starts = np.arange(0, len(long) - WINDOW, 7)
    x = long[starts[:, None] + np.arange(WINDOW)].astype(np.float32)

    window = keras.Input((WINDOW,), name="window")
    y = layers.Dense(24, activation="relu", name="encode")(window)
    y = layers.Dense(8, activation="relu", name="code")(y)
    y = layers.Dense(24, activation="relu", name="decode")(y)
    model = keras.Model(window, layers.Dense(WINDOW, name="rebuild")(y), name="vibration")
    model.compile("adam", "mse")
    model.fit(x, x, epochs=60, batch_size=32, verbose=0)
    keras.Model(model.inputs, model.outputs, name=model.name).save("vibration.keras")
    np.savez("windows.npz", x=x[:: len(x) // 200])

    # Twice 12.8 s of one machine: first as it should be, then with impacts.
    both = running(rng, 5120)
    normal, signal, label = both[:2560], both[2560:], np.zeros(2560, int)
    write("normal.csv", normal, label)
    for start in (512, 1216, 1920):
        signal[start : start + 256] += impacts(rng, 256)
        label[start : start + 256] = 1
    write("recording.csv", signal, label)


if __name__ == "__main__":
    main()
