# SPDX-License-Identifier: Apache-2.0
"""Takes models, gives those whose C, in arena and states of exact size under sanitizers, is not LiteRT's."""

from __future__ import annotations

import datetime
import os
import shutil
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests import model_runner
from tests.model_runner import Frame, Job
from tinyedge import passes
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.graph import Array, Graph
from tinyedge.model import tflite
from tinyedge.options import Optimize
from tinyedge.oracle import Oracle, Port

FOUND = Path(__file__).resolve().parent / "models" / "found"
"""Models that failed once, kept: they run in every test."""


@dataclass
class Verdicts:
    """Models by name: how they differ or what stopped them; why LiteRT does not run them; equal ones."""

    wrong: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    equal: list[str] = field(default_factory=list)


def first_seed(cases: int) -> int:
    """The number that a run counts from: TINYEDGE_FUZZ_SEED, or another every day."""
    today = datetime.date.today().toordinal()
    return int(os.environ.get("TINYEDGE_FUZZ_SEED", today * max(cases, 1_000_000)))


def judge(
    models: Mapping[str, bytes],
    folder: Path,
    optimize: Optimize = "size",
    limits: Mapping[str, tuple[int, int]] | None = None,
) -> Verdicts:
    """Run all models; `folder` is for what is compiled, which does not stay.

    limits: least and largest value of all inputs, by model, where not every number means something.
    """
    verdicts = Verdicts()
    graphs = {name: passes.optimize(tflite.lower(model, name)) for name, model in models.items()}
    known = limits or {}
    jobs = {
        name: Job(name, model, _frames(graphs[name], known.get(name)), optimize)
        for name, model in models.items()
    }
    for name, outputs in _run(jobs, folder, verdicts).items():
        try:
            expected = _expected(models[name], graphs[name], jobs[name])
        except (UsageError, InvalidMeasurement) as error:
            verdicts.refused[name] = str(error)
            continue
        differing = [
            f"frame {i}, output {j}: {np.count_nonzero(ours != theirs)} of {ours.size} differ"
            for i, (frame, wanted) in enumerate(zip(outputs, expected, strict=True))
            for j, (ours, theirs) in enumerate(zip(frame, wanted, strict=True))
            if ours.dtype != theirs.dtype or ours.shape != theirs.shape or np.any(ours != theirs)
        ]
        if differing:
            verdicts.wrong[name] = differing[0]
        else:
            verdicts.equal.append(name)
    return verdicts


def _run(jobs: Mapping[str, Job], folder: Path, verdicts: Verdicts) -> dict[str, list[list[Array]]]:
    """Outputs by model; where something stops all of them, each alone, to tell which."""
    try:
        return dict(zip(jobs, model_runner.run(list(jobs.values()), folder), strict=True))
    except AssertionError as error:
        if len(jobs) == 1:
            verdicts.wrong |= dict.fromkeys(jobs, f"{error}"[:2000])
            return {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    alone = [_run({name: job}, folder, verdicts) for name, job in jobs.items()]
    return {name: outputs for each in alone for name, outputs in each.items()}


def _frames(graph: Graph, given: tuple[int, int] | None = None) -> list[Frame]:
    """Random values, all the smallest, all the largest."""
    rng = np.random.default_rng(zlib.crc32(graph.name.encode()))
    frames: list[Frame] = []
    for choice in ("random", "low", "high"):
        frame = {}
        for name in graph.inputs:
            tensor = graph.tensors[name]
            low, high = given or ((0, 1) if tensor.dtype == "bool" else LIMITS[tensor.dtype])
            limits = {"random": (low, high), "low": (low, low), "high": (high, high)}[choice]
            frame[name] = rng.integers(*limits, tensor.shape, tensor.dtype, endpoint=True)
        frames.append(frame)
    return frames


def _expected(model: bytes, graph: Graph, job: Job) -> list[list[Array]]:
    """LiteRT's outputs for every frame."""
    indices = [graph.tensors[name].index for name in (*graph.inputs, *graph.outputs)]
    known = [index for index in indices if index is not None]
    assert len(known) == len(indices), "a pass made an input or output that the file does not have"
    expected = []
    with Oracle(model, job.name) as litert:
        litert.reset()
        for frame in job.frames:
            fed = zip(litert.inputs, graph.inputs, strict=True)
            given: dict[int | str, Array] = {
                port.index: _as_port(port, graph, name, frame[name]) for port, name in fed
            }
            seen = litert.tensors(given, known)
            for name, index in zip(graph.inputs, known, strict=False):
                if not np.array_equal(seen[index], frame[name]):
                    raise UsageError(f"{job.name}: no float makes LiteRT's input what ours is")
            expected.append([seen[index] for index in known[len(graph.inputs) :]])
    return expected


def _as_port(port: Port, graph: Graph, name: str, value: Array) -> Array:
    """What LiteRT is given: for a float input that we take as integers, the real values of these."""
    if port.dtype != "float32":
        return value
    tensor = graph.tensors[name]
    return ((value.astype(np.int64) - tensor.zero_point) * tensor.scale).astype(np.float32)


def keep(name: str, model: bytes) -> Path:
    """Put a model that failed where every later run finds it; gives the file, which is to be committed."""
    FOUND.mkdir(exist_ok=True)
    file = FOUND / f"{name}.tflite"
    file.write_bytes(model)
    return file
