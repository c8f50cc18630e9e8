# SPDX-License-Identifier: Apache-2.0
"""Takes the stages before a model and a recording, gives what they make of it: the C of a board, run here."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tinyedge import board as boards
from tinyedge import emit, graph, passes, paths, pipeline, toolchain, transport
from tinyedge import plan as planner
from tinyedge import project as projects
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.bench.samples import read
from tinyedge.blocks import attach, behind, hook
from tinyedge.blocks.attach import Front
from tinyedge.build import Slot, Spec
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Tensor
from tinyedge.judge import harness
from tinyedge.judge.harness import Tap
from tinyedge.line import device as devices
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Calibration, Columns, Replay
from tinyedge.recording import Recording, settled
from tinyedge.toolchain import describe


@dataclass(frozen=True)
class Features:
    """One entry a run: integers [runs, ...] as the device has them, their meaning, and the runs' labels.

    fresh: runs that follow a gap, before which states have their initial values.
    """

    values: Array
    slot: Slot
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    fresh: tuple[int, ...] = ()

    def real(self) -> NDArray[np.float32]:
        """float32 [runs, ...]: scale * (integer - zero point), per channel where there are several scales."""
        steps = self.values.astype(np.int64) - np.array(self.slot.zero_point)
        return np.asarray(steps * np.array(self.slot.scale), np.float32)

    def write(self, file: Path) -> None:
        """As NPZ: `x` float32, `y` labels where there are any; UsageError where the system refuses."""
        arrays: dict[str, Any] = {"x": self.real()}
        if self.labels is not None:
            arrays["y"] = self.labels
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        paths.write_atomic(file, packed.getvalue())


def of_project(
    project: str | Path,
    recording: str | Path,
    labels: Path | None = None,
    hop: int | None = None,
    observer: Observer = NOBODY,
    trust: bool = False,
) -> Features:
    """What the [[preprocess]] of a tinyedge.toml, or of the one in a folder, makes of a recording.

    labels: of the recording, where they are not in it. hop: rows that a run takes, instead of the project's:
    fewer give more, overlapping windows to train with. trust: run the project's hooks, which are C of its
    own. Otherwise as `features`.
    """
    known = hook.read(projects.load(Path(project)), trust)
    if not known.preprocess:
        raise UsageError(
            f"{known.file} has no [[preprocess]]",
            "say there what the samples pass before the model: [input] and [[preprocess]]",
        )
    signal = known.input.model_copy(update={"hop": hop}) if hop else known.input
    replay = Replay(file=Path(recording), labels=labels)
    return features(Front(signal, known.preprocess), replay, known.recording, observer=observer)


def calibration(
    front: Front, given: Calibration, columns: Columns | None = None, observer: Observer = NOBODY
) -> Calibration:
    """`given` with what the stages make of its recording in place of that: what the model itself is fed."""
    made = features(front, Replay(file=given.file, labels=given.labels), columns, observer=observer)
    warm = behind.warm_up(attach.alone(front, "features"))
    chosen = settled(len(made.values), made.fresh, warm)
    kept = replace(
        made,
        values=made.values[chosen],
        labels=None if made.labels is None else made.labels[chosen],
    )
    name = hashlib.sha256(kept.values.tobytes() + repr((kept.slot, kept.labels)).encode()).hexdigest()
    file = paths.cache() / "features" / f"{name}.npz"
    kept.write(file)
    return given.model_copy(update={"file": file, "labels": None, "window": None, "hop": None})


def features(
    front: Front,
    replay: Replay,
    columns: Columns | None = None,
    model_input: Tensor | None = None,
    observer: Observer = NOBODY,
) -> Features:
    """What the stages of `front` make of a recording, run after run from the initial state.

    model_input: the tensor that they feed, in whose integers they then speak. Raises UsageError for stages or
    a recording that do not fit, InvalidMeasurement for a recording that says nothing (see quality.assess).
    """
    made = attach.alone(front, "features", model_input)
    tensor = made.tensors[made.inputs[0]]
    spec = Spec(tensor.name, tensor.shape, tensor.dtype, tensor.scale, tensor.zero_point)
    samples = read([spec], replay, front.signal, columns, observer, rows=tensor.shape[1])
    return compute(made, samples, observer)


def compute(
    front_graph: Graph, samples: Recording, observer: Observer = NOBODY, board: str = "host"
) -> Features:
    """Run the graph's C over all runs: on this machine, or on the emulator of another board."""
    with (
        Stages(front_graph, board) as stages,
        observer.progress("computing features", len(samples)) as advance,
    ):
        stored = harness.frames_of(samples, stages.inputs)
        ran = harness.run(stages.device, stages.inputs, stages.outputs, stored, advance, fresh=samples.fresh)
    if ran.stopped is not None:
        raise ran.stopped
    (got,), slot = ran.outputs, stages.outputs[0]
    values = got.reshape(len(got), *slot.spec.frame)
    return Features(values, slot, samples.labels, samples.classes, samples.notes, samples.fresh)


class Stages:
    """The stages' C, running: on this machine where `board` is "host". A Reference for all that they make.

    Use as a context manager: the process and its folder never outlive it.
    """

    name = "the same C on this machine"

    def __init__(self, front_graph: Graph, board: str = "host", options: Options = DEFAULT) -> None:
        plan = planner.plan(front_graph, boards.load(board), options)
        identity = hashlib.sha256(graph.dump(front_graph).encode()).hexdigest()
        self.inputs = tuple(describe.slot(plan, name) for name in front_graph.inputs)
        self.outputs = tuple(describe.slot(plan, name) for name in front_graph.outputs)
        self.needs = tuple(front_graph.inputs)
        self._taps = {
            name: Tap(at, describe.slot(plan, name))
            for at, layer in enumerate(plan.layers)
            for name in layer.op.outputs
        }
        with ExitStack() as opened:
            folder = opened.enter_context(paths.temporary())
            image = toolchain.compile(emit.emit(plan, identity), plan.board, folder / "build")
            line = transport.open_board(plan.board, image.elf, None)
            self.device = opened.enter_context(devices.connect(line))
            self._opened = opened.pop_all()

    @classmethod
    def before(cls, model: Model) -> Stages:
        """Those that stand before `model`, in its integers; it has some."""
        assert model.front is not None
        network = passes.optimize(pipeline.lower(model))
        fed = network.tensors[network.inputs[0]]
        return cls(attach.alone(model.front, model.name, fed))

    @classmethod
    def behind(cls, model: Model, options: Options) -> Stages:
        """Those that stand behind `model`, as they are in the whole; it has some."""
        return cls(behind.alone(pipeline.whole(model, options)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._opened.close()

    def knows(self, tensor: str) -> bool:
        """As Reference."""
        return tensor in self._taps

    def reset(self) -> None:
        """As Reference."""
        self.device.reset_state()

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """As Reference."""
        taps = sorted((self._taps[name] for name in wanted), key=lambda tap: tap.layer)
        frames = [
            harness.run_frame(self.device, self.inputs, (), list(values), taps)[1]
            for values in zip(*(given[name] for name in self.needs), strict=True)
        ]
        return {
            tap.slot.name: np.stack(found) for tap, found in zip(taps, zip(*frames, strict=True), strict=True)
        }
