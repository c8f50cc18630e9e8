# SPDX-License-Identifier: Apache-2.0
"""Takes the watch recordings of the PyPI package `seglearn`, gives raw samples as a logger has them.

    python data.py [FOLDER]        (pip install --no-deps seglearn==1.2.5; FOLDER: default beside this file)

train.csv: 12 s of every series of subjects 1 to 7. calibration.csv: the first of each exercise of these.
replay.csv: 15 s of every series of subjects 8 to 10, whom the network never saw.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
RATE_HZ = 50
KEPT_BACK = (8, 9, 10)
INSTALL = "pip install --no-deps seglearn==1.2.5"


def load() -> dict[str, Any]:
    """X: 140 series [samples, 6]; y: exercise [140]; y_labels: names; subject [140]."""
    spec = importlib.util.find_spec("seglearn")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            f"error: the recordings are in the package seglearn, which is missing\nhint: {INSTALL}"
        )
    file = Path(spec.submodule_search_locations[0], "data", "watch_dataset.npy")
    # The package keeps its arrays in a pickle: loading it trusts the package, as importing it would.
    found: dict[str, Any] = np.load(file, allow_pickle=True).item()
    return found


def write(file: Path, series: Iterable[tuple[NDArray[np.float64], str]]) -> int:
    """One series after another, each with its exercise; the number of rows."""
    row = 0
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time_ms", *CHANNELS, "exercise"])
        for samples, exercise in series:
            for sample in samples:
                writer.writerow([row * 1000 // RATE_HZ, *(f"{value:.3f}" for value in sample), exercise])
                row += 1
    return row


def main() -> None:
    """Write all three files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    data = load()
    names, exercises, subjects = data["y_labels"], data["y"], data["subject"]
    kept = np.isin(subjects, KEPT_BACK)
    order = np.lexsort((exercises, subjects))
    train = [i for i in order if not kept[i]]

    def cut(chosen: list[int], seconds: int) -> list[tuple[NDArray[np.float64], str]]:
        """From the middle of each series."""
        length, parts = seconds * RATE_HZ, []
        for i in chosen:
            start = max(0, (len(data["X"][i]) - length) // 2)
            parts.append((data["X"][i][start : start + length], names[exercises[i]]))
        return parts

    first = [next(i for i in train if exercises[i] == exercise) for exercise in range(len(names))]
    rows = [
        write(folder / "train.csv", cut(train, 12)),
        write(folder / "calibration.csv", cut(first, 12)),
        write(folder / "replay.csv", cut([i for i in order if kept[i]], 15)),
    ]
    sys.stdout.write(f"{folder}: train.csv, calibration.csv, replay.csv ({rows} samples)\n")


if __name__ == "__main__":
    main()
