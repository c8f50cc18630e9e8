# SPDX-License-Identifier: Apache-2.0
"""Takes BasicMotions, gives raw samples as a logger has them: `recordings/normal.csv` and `replay.csv`.

    python data.py [FOLDER]        (needs aeon; FOLDER: where to put them, default beside this file)

normal.csv: the training series of the normal activity, one after another.
replay.csv: the 40 test series one after another, the activities taking turns, labelled by name.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import basic_motions
from basic_motions import ACTIVITIES, CHANNELS, PERIOD_S

HERE = Path(__file__).resolve().parent
NORMAL = ACTIVITIES.index("Standing")


def write(file: Path, series: Iterable[tuple[basic_motions.Floats, str]]) -> int:
    """One series [samples, channels] after another, each with its activity; the number of rows."""
    row = 0
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["time_s", *CHANNELS, "activity"])
        for samples, activity in series:
            for sample in samples:
                writer.writerow([f"{row * PERIOD_S:.1f}", *(f"{value:.3f}" for value in sample), activity])
                row += 1
    return row


def main() -> None:
    """Write both recordings."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    series, labels = basic_motions.load("TRAIN")
    normal = write(folder / "normal.csv", [(one, ACTIVITIES[NORMAL]) for one in series[labels == NORMAL]])

    series, labels = basic_motions.load("TEST")
    groups = [np.flatnonzero(labels == activity) for activity in range(len(ACTIVITIES))]
    turns = [int(index) for turn in zip(*groups, strict=True) for index in turn]
    replay = write(folder / "replay.csv", [(series[i], ACTIVITIES[labels[i]]) for i in turns])
    sys.stdout.write(f"{folder}: normal.csv ({normal} samples), replay.csv ({replay} samples)\n")


if __name__ == "__main__":
    main()
