# SPDX-License-Identifier: Apache-2.0
"""Takes a model of MLPerf Tiny, gives a data set for MLCommons' runner, and what LiteRT makes of it."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tinyedge.graph import Tensor
from tinyedge.model import tflite
from tinyedge.oracle import Oracle

_WINDOW, _STRIDE = 640, 128  # floats that ad01 takes, and is moved on by


_FILES = 6
"""At least: performance takes five."""


def write(name: str, model: bytes, folder: Path) -> list[list[list[float]]]:
    """Write `folder`/<name>, random inputs of fixed seed with made-up labels: two a class,
    or sounds of two windows.

    What LiteRT gives: a list for each file, in that one of results for each window of it.
    """
    into = folder / name
    into.mkdir(parents=True)
    graph = tflite.lower(model, name)
    given, made = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    random = np.random.default_rng(20261129)
    rows: list[list[str | int]] = []
    expected: list[list[list[float]]] = []
    with Oracle(model, name) as oracle:
        sizes = [math.prod(port.shape) for port in (oracle.inputs[0], oracle.outputs[0])]
        for number in range(_FILES if sizes[0] == sizes[1] else max(_FILES, 2 * sizes[1])):
            if sizes[0] == sizes[1]:
                label, size, stride = 1 - number % 2, 4 * _WINDOW, 4 * _STRIDE
                sound = random.normal(-25 + 10 * label, 9, _WINDOW + _STRIDE).astype(np.float32)
                data = sound.tobytes()
                windows = (sound[at : at + _WINDOW] for at in (0, _STRIDE))
                expected.append([[_error(oracle, given, made, window)] for window in windows])
            else:
                label, size, stride = number % sizes[1], sizes[0], sizes[0]
                values = random.normal(30 * (number % 5), 40, sizes[0]).clip(-128, 127).astype(np.int8)
                data = (values.astype(int) + 128 * (given.zero_point == -128)).astype(np.uint8).tobytes()
                expected.append([_run(oracle, given, made, values).tolist()])
            (into / f"{number:02d}.bin").write_bytes(data)
            rows.append([f"{number:02d}.bin", 2, label, size, stride])
    with (into / "y_labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return expected


def _run(
    oracle: Oracle, given: Tensor, made: Tensor, values: npt.NDArray[np.int8]
) -> npt.NDArray[np.float64]:
    assert given.index is not None
    (out,) = oracle.run({given.index: values.reshape(given.shape)})
    real: npt.NDArray[np.float64] = (out.astype(np.float64).ravel() - made.zero_point) * made.scale
    return real


def _error(oracle: Oracle, given: Tensor, made: Tensor, sound: npt.NDArray[np.float32]) -> float:
    values = np.clip(np.rint(sound / np.float32(given.scale)) + given.zero_point, -128, 127).astype(np.int8)
    return float(np.mean((_run(oracle, given, made, values) - sound.astype(np.float64)) ** 2))
