# SPDX-License-Identifier: Apache-2.0
"""Takes BasicMotions and `scaling.json`, gives `recordings/calibration.npz` and `recordings/replay.npz`.

    python data.py [FOLDER]        (needs aeon; FOLDER: where to put them, default beside this file)

calibration.npz: windows of the training series with their labels. replay.npz: windows of the test series.
Both hold standardised values, as the model takes them; labels: 0 Standing, 1 Walking, 2 Running, 3 Badminton.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import basic_motions

HERE = Path(__file__).resolve().parent
WINDOW, HOP = 40, 20


def main() -> None:
    """Write both recordings."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    scaling = json.loads((HERE / "scaling.json").read_text(encoding="utf-8"))
    for part, name in (("TRAIN", "calibration"), ("TEST", "replay")):
        series, labels = basic_motions.load(part)
        scaled = (series - np.array(scaling["mean"])) / np.array(scaling["deviation"])
        x = basic_motions.windows(scaled, WINDOW, HOP).astype(np.float32)[..., np.newaxis]
        np.savez(folder / f"{name}.npz", x=x, y=np.repeat(labels, len(x) // len(labels)))
        sys.stdout.write(f"{folder / name}.npz: {len(x)} windows\n")


if __name__ == "__main__":
    main()
