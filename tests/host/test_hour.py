# SPDX-License-Identifier: Apache-2.0
"""Hours of samples are replayed through stages, network and decision, bit by bit, in little memory.

TINYEDGE_HOURS=1 is the long mode (four minutes on host), TINYEDGE_HOURS_BOARD another board,
TINYEDGE_HOURS_HOP the rows of a run: 50 is five times as fast; TINYEDGE_HOURS_FORMAT another format: parquet
(all rows in one group), npz, jsonl, or npy or wav (int16 steps) with their labels in a file beside them.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from tests import usage

HOURS = float(os.environ.get("TINYEDGE_HOURS", "0.01"))
BOARD = os.environ.get("TINYEDGE_HOURS_BOARD", "host")
RATE_HZ, HOP = 100, int(os.environ.get("TINYEDGE_HOURS_HOP", "10"))
FORMAT = os.environ.get("TINYEDGE_HOURS_FORMAT", "csv")
CHANNELS = ("ax", "ay", "az", "gx", "gy", "gz")
LIMIT_MB = 300

# A process of its own: what other tests have imported is no part of it.
SCRIPT = """
import json, resource, sys
from dataclasses import replace
from pathlib import Path
from tests import zoo
from tinyedge import model as models
from tinyedge.bench import trial
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.project import Input, Replay, Stage

def stages(*keys):
    return tuple(Stage.model_validate(each) for each in keys)

file, labels, board, channels, rate, hop = json.loads(sys.argv[1])
features = ["mean", "deviation", "rms", "minimum", "maximum", "peak_to_peak"]
before = stages({"block": "window", "rows": 50}, {"block": "statistics", "features": features})
behind = stages(
    {"block": "reconstruction_error"},
    {"block": "moving_average", "runs": 3},
    {"block": "threshold", "level": 15.0, "off": 14.5},
    {"block": "debounce", "runs": 2},
)
kind = "int16" if file.endswith(".wav") else "float"
signal = Input(channels=channels, rate_hz=rate, type=kind, lsb=1 / 1024, hop=hop)
model = replace(
    models.load(zoo.OURS / "tiny_ae.tflite"), front=Front(signal, before), back=Back(behind)
)
replay = Replay(file=Path(file), labels=labels and Path(labels), metric="none")
report = trial.test(model, board, replay, Path(file).parent / "out", signal=signal)
found = report.detection
largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "verdict": report.verdict,
    "megabytes": largest // 1024,
    "exact": report.bit_exact.frames,
    "judged_by": report.bit_exact.judged_by,
    "changes": len(set(map(int, report.replay.outputs[0].ravel()))),
    "events": found.events.events,
    "detected": float((report.replay.outputs[1] != 0).mean()),
}))
"""


def record(file: Path, rows: int) -> None:
    """Quiet noise, and each minute ten seconds of loud noise, labelled."""
    rng = np.random.default_rng(1)
    with file.open("w", encoding="utf-8") as out:
        out.write(f"time_ms,{','.join(CHANNELS)},label\n")
        for second in range(rows // RATE_HZ):
            loud = int(second % 60 >= 20 and second % 60 < 30)
            for at, row in enumerate(rng.normal(0, 1 + 5 * loud, (RATE_HZ, len(CHANNELS)))):
                cells = ",".join(f"{value:.4f}" for value in row)
                out.write(f"{10 * (second * RATE_HZ + at)},{cells},{loud}\n")


def converted(file: Path, format: str) -> tuple[Path, Path | None]:
    """The same recording in another format, and the file of its labels where that has no room for them."""
    if format == "csv":
        return file, None
    to, labels = file.with_suffix(f".{format}"), None
    names = ("time_ms", *CHANNELS, "label")
    table = np.loadtxt(file, delimiter=",", skiprows=1)
    values = table[:, 1:-1]
    if format == "parquet":
        arrow = importlib.import_module("pyarrow")
        columns = dict(zip(names, table.T, strict=True))
        importlib.import_module("pyarrow.parquet").write_table(arrow.table(columns), to, len(table))
    elif format == "npz":
        np.savez_compressed(to, time_ms=table[:, 0], x=values, y=table[:, -1].astype(np.int64))
    elif format == "jsonl":
        lines = (json.dumps(dict(zip(names, row, strict=True))) for row in table.tolist())
        to.write_text("\n".join(lines))
    else:
        labels = file.with_name("labels.npy")
        np.save(labels, table[:, -1].astype(np.int64))
        if format == "npy":
            np.save(to, values)
        else:
            wavfile.write(to, RATE_HZ, np.clip(np.rint(values * 1024), -32768, 32767).astype(np.int16))
    return to, labels


def test_hours_are_replayed_in_little_memory(tmp_path: Path) -> None:
    rows = int(HOURS * 3600) * RATE_HZ
    file = tmp_path / "r.csv"
    record(file, rows)
    file, labels = converted(file, FORMAT)
    given = [str(file), labels and str(labels), BOARD, CHANNELS, RATE_HZ, HOP]
    ended = usage.run(
        [sys.executable, "-c", SCRIPT, json.dumps(given)],
        cwd=Path(__file__).resolve().parents[2],
        timeout=120 + HOURS * 7200,
    )
    assert ended.code == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    print(f"{HOURS:g} h of {FORMAT} on {BOARD}: {found}, {ended.memory / 2**20:.0f} MB")
    runs = rows // HOP
    assert found["verdict"] == "pass" and found["exact"] == runs
    assert found["judged_by"] == "the same C on this machine and LiteRT's reference kernels"
    assert found["events"] == max(1, int(HOURS * 60)) and 0.05 < found["detected"] < 0.8
    assert found["changes"] > min(runs, 200) // 2
    assert ended.memory < LIMIT_MB << 20
