# SPDX-License-Identifier: Apache-2.0
"""Takes the simulated bearing, gives `recordings/`: WAV files as a logger of the sensor has them, and labels.

    python data.py [FOLDER]        (FOLDER: where to put them, default beside this file)

normal.wav: 60 s of a sound bearing. replay.wav: 120 s in which spalls of both races come and go, of three
depths, the smallest half of the unbalance. labels.csv: when.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import bearing
import numpy as np
from bearing import Fault
from scipy.io import wavfile

HERE = Path(__file__).resolve().parent
FULL_G = 4.0  # of the sensor, which int16 stands for
PLAN: tuple[tuple[float, Fault, float], ...] = (
    (20, "none", 0.0),
    (8, "outer", 0.3),
    (12, "none", 0.0),
    (8, "inner", 0.4),
    (12, "none", 0.0),
    (8, "outer", 0.12),
    (12, "none", 0.0),
    (8, "inner", 0.25),
    (12, "none", 0.0),
    (8, "outer", 0.06),
    (12, "none", 0.0),
)


def write(file: Path, acceleration: bearing.Signal) -> None:
    """As int16 of +-4 g."""
    samples = np.clip(np.rint(acceleration / FULL_G * 32768), -32768, 32767).astype(np.int16)
    wavfile.write(file, bearing.RATE_HZ, samples)


def main() -> None:
    """Write all three files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    write(folder / "normal.wav", bearing.measure(60, rng))
    parts, rows, at = [], [], 0.0
    for seconds, fault, depth in PLAN:
        parts.append(bearing.measure(seconds, rng, fault, depth))
        if fault != "none":
            rows.append([f"{at:.3f}", f"{at + seconds:.3f}", fault])
        at += seconds
    write(folder / "replay.wav", np.concatenate(parts))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["start", "end", "label"], *rows])
    sys.stdout.write(f"{folder}: normal.wav (60 s), replay.wav ({at:.0f} s, {len(rows)} spalls)\n")


if __name__ == "__main__":
    main()
