# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a recording of somebody's, gives the text of a tinyedge.toml for a test of both."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinyedge import model as models
from tinyedge import paths, pipeline, text
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.bench.samples import read
from tinyedge.board import Board
from tinyedge.build import Draft
from tinyedge.model import float_file, tflite
from tinyedge.model.kinds import ONNX, is_keras
from tinyedge.project import Calibration, Columns, Input, Replay
from tinyedge.recording import Recording, metrics, sample_file
from tinyedge.recording.sample_file import SampleFile


@dataclass(frozen=True)
class Given:
    """What the user names. window, hop: rows of one model input, and between the starts of two; None: by the
    model. channels: columns in the model's order, () for all that are there. calibration: for a float model,
    None for the recording itself.
    """

    model: Path
    recording: Path
    calibration: Path | None = None
    window: int | None = None
    hop: int | None = None
    channels: tuple[str, ...] = ()


def adopt(given: Given, board: Board, named: str, folder: Path, observer: Observer = NOBODY) -> str:
    """Text of tinyedge.toml in `folder`, for the board, which is `named` in it.

    What can be built and fits is read, what is in the recording is recognised, and both are said. Raises what
    reading a model or a recording, and what planning it for a board, raise.
    """
    signal = Input(channels=given.channels or None)
    held = sample_file.read(given.recording, signal, Columns())
    real = _is_float(given.model)
    given = _windowed(given, held, real, observer)
    calibration = _calibration(given) if real else None
    with observer.progress(f"reading {given.model.name}"):
        model = pipeline.load(given.model, calibration)
    for warning in model.warnings:
        observer.warn(warning)
    draft = pipeline.check(model, board)
    replay = Replay(file=given.recording, window=given.window, hop=given.hop)
    samples = read([slot.spec for slot in draft.inputs], replay, signal, Columns(), observer)
    return _text(given, named, folder, draft, samples, held.channels if held.table else (), calibration)


def _windowed(given: Given, held: SampleFile, real: bool, observer: Observer) -> Given:
    """With the rows of a model input, where that is a plain list of numbers, which does not say its rows."""
    if given.window is not None or not held.table:
        return given
    model, columns = given.model, next(iter(held.arrays.values())).shape[1]
    if real and is_keras(model):
        graph = pipeline.lower(models.sketch(model))
    elif model.suffix.lower() == ONNX:
        return given
    else:
        graph = tflite.lower(tflite.read(model), model.stem)
    (name, *others) = graph.inputs
    shape = graph.tensors[name].shape[1:]
    if others or len(shape) != 1 or shape[0] == columns or shape[0] % columns:
        return given
    rows = shape[0] // columns
    observer.say(f"{given.recording}: {rows} rows of {columns} make the {shape[0]} numbers of an input")
    return replace(given, window=rows)


def _calibration(given: Given) -> Calibration:
    """What makes a float model integer."""
    file = given.calibration or given.recording
    return Calibration(file=file, window=given.window, hop=given.hop)


def _is_float(model: Path) -> bool:
    if model.suffix.lower() in tflite.SUFFIXES and not model.is_dir():
        return float_file.can_quantize(tflite.lower(tflite.read(model), model.stem))
    return is_keras(model) or model.suffix.lower() == ONNX


def _text(
    given: Given,
    named: str,
    folder: Path,
    draft: Draft,
    samples: Recording,
    channels: Sequence[str],
    calibration: Calibration | None,
) -> str:
    def path(file: Path) -> str:
        return text.toml(paths.told(Path(os.path.relpath(file, folder))))

    windows = [f"{key} = {value}" for key, value in (("window", given.window), ("hop", given.hop)) if value]
    lines = [
        "# Every key, with what it means: `tinyedge keys`.",
        f"model = {path(given.model)}",
        f"board = {text.toml(named)}",
        'optimize = "balanced"          # or "speed" or "size"',
    ]
    if calibration is not None:
        lines += ["", "[calibration]                  # fixes the integer ranges of the float model"]
        lines += [f"file = {path(calibration.file)}", *windows]
    lines += ["", "[input]", *_sensor(samples, channels)]
    if samples.classes:
        lines += ["", "[recording]"]
        names = ", ".join(map(text.toml, samples.classes))
        lines += [f"classes = [{names}]  # alphabetical: order them as the model's outputs, normal first"]
    lines += ["", "[replay]", f"file = {path(given.recording)}", *windows, *_metric(draft, samples)]
    lines += [
        "",
        "[budget]                       # `tinyedge test` fails beyond it; without limits, on bits alone",
    ]
    lines += ["# flash = 65_536               # bytes", "# ram = 32_768", "# accuracy_min = 0.9"]
    return "\n".join([*lines, ""])


def _sensor(samples: Recording, channels: Sequence[str]) -> list[str]:
    """Of [input], what the recording says."""
    lines = []
    if channels and all(channels):
        lines.append(f"channels = [{', '.join(map(text.toml, channels))}]  # in the model's order")
    if samples.rate_hz is not None:
        lines.append(f"rate_hz = {samples.rate_hz:.6g}")
    return lines or ["# rate_hz = 50                # where the recording does not say it"]


def _metric(draft: Draft, samples: Recording) -> list[str]:
    metric = metrics.choose(draft.fed[0].spec.size, draft.said[0].spec.size, samples.labels is not None)
    lines = [f'metric = "{metric.kind}"']
    if metric.kind == "auc":
        lines.append(f'score = "{metric.score}"')
    return lines
