# SPDX-License-Identifier: Apache-2.0
"""Takes a Report, gives its Record: what report.json says, typed, to write, to read again and to compare."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyedge import build, paths
from tinyedge.build import CLOSED, Build
from tinyedge.energy import Energy
from tinyedge.judge.budget import Line, Verdict
from tinyedge.judge.detection import Detection
from tinyedge.judge.drifting import Drift
from tinyedge.judge.latency import Latency, RealTime
from tinyedge.judge.repeating import Repeats
from tinyedge.judge.report import Accuracy, BitExact, MemoryUse, Report
from tinyedge.recording import Recording, spool

FILE = "report.json"


@dataclass(frozen=True)
class Replayed:
    """The recording; sha256 is of the integers that the device was fed, whatever file they came in."""

    __pydantic_config__ = CLOSED
    path: str
    sha256: str
    frames: int
    labelled: bool


@dataclass(frozen=True)
class Record(Build):
    """What report.json says: everything of build.json, then the replay and the verdict.

    frames: replayed and judged. stopped: why these are not all of the recording, or "". energy: what a probe
    measured beside the board; None where none did, since it is never guessed.
    """

    __pydantic_config__ = CLOSED
    recording: Replayed
    frames: int
    stopped: str
    bit_exact: BitExact
    accuracy: Accuracy
    latency: Latency
    real_time: RealTime
    detection: Detection | None
    drift: tuple[Drift, ...]
    repeats: Repeats | None
    memory: MemoryUse
    energy: Energy | None
    budgets: tuple[Line, ...]
    verdict: Verdict


def of(report: Report) -> Record:
    """Report -> Record."""
    recording = report.replay.recording
    return Record(
        **vars(report.build),
        recording=Replayed(
            recording.path.as_posix(), _sha256(recording), len(recording), recording.labels is not None
        ),
        frames=report.replay.frames,
        stopped=report.stopped,
        bit_exact=report.bit_exact,
        accuracy=report.accuracy,
        latency=report.latency,
        real_time=report.real_time,
        detection=report.detection,
        drift=report.drift,
        repeats=report.repeats,
        memory=report.memory,
        energy=report.energy,
        budgets=report.budgets,
        verdict=report.verdict,
    )


def read(file: Path) -> Record:
    """What `build.write` wrote of a Record; UsageError as `build.read`."""
    return build.read(file, Record, f"there is no report {file}")


def read_any(path: Path) -> Build:
    """A Record, or a Build where that is what there is; of a folder its report, else its build."""
    if path.is_dir():
        path = path / FILE if (path / FILE).is_file() else path / build.FILE
    try:
        found = json.loads(paths.read(path))
    except (OSError, ValueError, RecursionError):
        found = None  # `build.read` says what is wrong
    kind = Record if isinstance(found, dict) and "verdict" in found else Build
    return build.read(path, kind, f"there is no build and no report in {path}")


def document(report: Report) -> dict[str, Any]:
    """As JSON has it."""
    return build.document(of(report))


def _sha256(recording: Recording) -> str:
    digest = hashlib.sha256()
    for values in recording.stored():
        for part in spool.parts(len(values), values):
            digest.update(values[part].astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
