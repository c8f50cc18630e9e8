# SPDX-License-Identifier: Apache-2.0
"""Takes BasicMotions and `scaling.json`, gives `recordings/calibration.npz` and `recordings/replay.csv`.

    python data.py [FOLDER]        (needs aeon; FOLDER: where to put them, default beside this file)

calibration.npz: windows of the normal activity from the training series.
replay.csv: the 40 test series one after another, the activities taking turns; label 0 is the normal one.
Both hold standardised values, as the model takes them.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import basic_motions

HERE = Path(__file__).resolve().parent

WINDOW = 25
NORMAL = 0  # Standing


def main() -> None:
    """Write both recordings."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    scaling = json.loads((HERE / "scaling.json").read_text(encoding="utf-8"))
    mean, deviation = np.array(scaling["mean"]), np.array(scaling["deviation"])

    series, labels = basic_motions.load("TRAIN")
    normal = (series[labels == NORMAL] - mean) / deviation
    np.savez(folder / "calibration.npz", x=basic_motions.windows(normal, WINDOW, hop=5).astype(np.float32))

    series, labels = basic_motions.load("TEST")
    groups = [np.flatnonzero(labels == activity) for activity in range(len(basic_motions.ACTIVITIES))]
    turns = [int(index) for turn in zip(*groups, strict=True) for index in turn]
    with (folder / "replay.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time_s", *basic_motions.CHANNELS, "label"])
        row = 0
        for index in turns:
            for sample in (series[index] - mean) / deviation:
                time = f"{row * basic_motions.PERIOD_S:.1f}"
                writer.writerow([time, *(f"{value:.6f}" for value in sample), int(labels[index])])
                row += 1
    sys.stdout.write(f"{folder}: calibration.npz, replay.csv ({row} samples)\n")


if __name__ == "__main__":
    main()
