# SPDX-License-Identifier: Apache-2.0
"""Takes a model whose decisions leave something open, gives it with what recordings of the normal teach.

Thresholds, centres and edges are learnt from what the device itself makes of a recording: the C of all stages
before them runs here. They then stand in the image as constants.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinyedge import paths, pipeline
from tinyedge.bench.features import Stages
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.bench.samples import read
from tinyedge.blocks import Reals, behind
from tinyedge.blocks.behind import Back
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph
from tinyedge.judge import harness
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Columns, Input, Replay, Stage, Task
from tinyedge.recording import Recording
from tinyedge.toolchain import inputs


def learn(
    model: Model,
    task: Task,
    signal: Input | None = None,
    columns: Columns | None = None,
    options: Options = DEFAULT,
    observer: Observer = NOBODY,
    replay: Replay | None = None,
) -> Model:
    """The model, whose stages behind the network then have all their numbers; itself where they had.

    replay: whose window and hop the recording [task] normal is cut by, where the device makes no windows.
    UsageError where a recording is needed and none is named, or it holds nothing normal.
    """
    if model.back is None or task.normal is None:
        return model
    stages = list(behind.spelled(model.back))
    if all(not behind.parsed(stage)[1].unlearnt for stage in stages):
        return model
    cut = (replay.window, replay.hop) if replay else None
    file = paths.cache() / "learnt" / f"{_key(model, task, signal, columns, options, cut)}.json"
    known = _known(file)
    if known is not None:
        for sentence in known[0]:
            observer.say(f"learnt from {task.normal}: {sentence}")
        return replace(model, back=Back(known[1]))
    said: list[str] = []
    seen: tuple[str, Reals, float | None] | None = None
    for at, stage in enumerate(stages):
        block, given = behind.parsed(stage)
        if not given.unlearnt:
            continue
        assert block.learn is not None
        graph, tensor = _until(model, stages[:at], stage, options)
        if seen is None or seen[0] != tensor:
            seen = tensor, *_values(graph, tensor, model, task, signal, columns, observer, replay)
        learnt = block.learn(seen[1], given, seen[2]).model_dump(exclude_none=True)
        stages[at] = Stage.model_validate({"block": stage.block, **learnt})
        said.append(f"{given.unlearnt} of {stage.block}, of {len(seen[1])} runs")
        observer.say(f"learnt from {task.normal}: {said[-1]}")
    kept = {"said": said, "stages": [stage.model_dump() for stage in stages]}
    paths.write_atomic(file, json.dumps(kept))
    return replace(model, back=Back(tuple(stages)))


def _known(file: Path) -> tuple[list[str], tuple[Stage, ...]] | None:
    """What was said and what learnt then; None where it is not there, or not as it was written."""
    try:
        kept = json.loads(paths.read(file))
        stages = tuple(Stage.model_validate(keys) for keys in kept["stages"])
        for stage in stages:
            behind.parsed(stage)
        return [str(sentence) for sentence in kept["said"]], stages
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageError):
        return None


def _key(model: Model, task: Task, *others: object) -> str:
    """A hash of all that decides what is learnt; what was learnt before is taken from our cache."""
    assert task.normal is not None
    try:
        data = paths.ending(task.normal).read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {task.normal}: {error.strerror}", "correct `normal` under [task]"
        ) from None
    told = repr((inputs.tinyedge(), model.sha256, model.front, model.back, others))
    return hashlib.sha256(told.encode() + data).hexdigest()


def _values(
    graph: Graph,
    tensor: str,
    model: Model,
    task: Task,
    signal: Input | None,
    columns: Columns | None,
    observer: Observer,
    replay: Replay | None,
) -> tuple[Reals, float | None]:
    """`tensor` of the graph, in real values [runs, ...], of the settled normal runs; runs an hour."""
    slot_of = graph.tensors[graph.inputs[0]]
    with Stages(graph) as stages:
        specs = [slot.spec for slot in stages.inputs]
        assert task.normal is not None
        settings = (replay or Replay(file=task.normal)).model_copy(
            update={"file": task.normal, "labels": None, "period_us": None}
        )
        rows = slot_of.shape[1] if model.front is not None else None
        samples = read(specs, settings, signal, columns, observer, rows)
        warm = behind.warm_up(graph)
        wanted = _normal(samples, warm)
        stored = harness.frames_of(samples, stages.inputs)
        names = [slot.name for slot in stages.inputs]
        if tensor in names:
            got: Array = stored[names.index(tensor)]
        else:
            ran = harness.run(
                stages.device, stages.inputs, stages.outputs, stored, lambda frames: None, fresh=samples.fresh
            )
            if ran.stopped is not None:
                raise ran.stopped
            (got,) = ran.outputs
    quantization = graph.tensors[tensor].quantization
    assert quantization is not None
    steps = got[wanted].astype(np.float64) - np.array(quantization.zero_point)
    values = np.asarray((steps * np.array(quantization.scale)).reshape(int(wanted.sum()), -1))
    return values, None if samples.period_us is None else 3.6e9 / samples.period_us


def _until(model: Model, before: list[Stage], stage: Stage, options: Options) -> tuple[Graph, str]:
    """The whole graph up to what `stage` reads, which is its output; and that tensor's name."""
    network = pipeline.whole(replace(model, back=None), options)
    stream = behind.start(network)
    for at, earlier in enumerate(before):
        block, given = behind.parsed(earlier)
        stream = block.append(stream, given, behind.tensor_of(at, earlier))
    block, given = behind.parsed(stage)
    tensor = block.source(stream, given)
    outputs = network.outputs if tensor in network.inputs else (tensor,)
    return replace(stream.graph, outputs=outputs).pruned(), tensor


def _normal(samples: Recording, warm: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which runs are normal and behind the warm-up."""
    chosen = np.ones(len(samples), np.bool_) if samples.labels is None else samples.labels == 0
    chosen &= samples.settled(warm)
    if not chosen.any():
        raise UsageError(
            f"{samples.path} has no normal run behind the first {warm}",
            "record longer; label 0 is what is normal",
        )
    return chosen
