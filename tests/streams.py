# SPDX-License-Identifier: Apache-2.0
"""Takes a board, gives builds of a model that keeps a window over a stream, and checks them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests import zoo
from tinyedge import board as boards
from tinyedge import emit, passes, pipeline, toolchain
from tinyedge import model as models
from tinyedge import plan as planner
from tinyedge.blocks.attach import SAMPLES, Front, attach
from tinyedge.build import Build, Spec
from tinyedge.graph import Array
from tinyedge.judge import locate
from tinyedge.judge.harness import replay
from tinyedge.model import Model, tflite
from tinyedge.options import Options
from tinyedge.oracle import Oracle
from tinyedge.oracle.litert import LiteRt
from tinyedge.oracle.reference import Chain
from tinyedge.plan import Plan
from tinyedge.project import Input, Stage
from tinyedge.recording import Recording
from tinyedge.toolchain import describe

FRAMES = 7
HOP, ROWS, CHANNELS = 4, 12, 3
"""Rows that a run takes, rows of the window, channels: 36 numbers, as tiny_ae takes them."""
WINDOW = f"{SAMPLES}/1_window"


def load() -> Model:
    """The model behind the window."""
    return models.load(zoo.OURS / "tiny_ae.tflite")


def plan(board: str, options: Options) -> Plan:
    """Samples of three channels into a window, and the window into the model."""
    model = load()
    signal = Input(channels=("x", "y", "z"), lsb=0.001, hop=HOP, rate_hz=50.0)
    stages = (Stage.model_validate({"block": "window", "rows": ROWS}),)
    graph = attach(passes.optimize(tflite.lower(model.data, model.name)), Front(signal, stages))
    return planner.plan(graph, boards.load(board), options)


def build(board: str, out: Path, options: Options) -> Build:
    """An image of it in `out`."""
    model, made = load(), plan(board, options)
    image = toolchain.compile(emit.emit(made, model.sha256), boards.load(board), out)
    return describe.describe(model, made, image, "model.tflite")


def build_both(board: str, out: Path, options: Options) -> tuple[Build, Build]:
    """An image of two models: tiny_cnn, and the one that keeps a window."""
    cnn = models.load(zoo.OURS / "tiny_cnn.tflite")
    pair = (cnn, pipeline.plan(cnn, boards.load(board), options).plan), (load(), plan(board, options))
    sources = emit.emit_image([(made, model.sha256) for model, made in pair])
    image = toolchain.compile(sources, boards.load(board), out)
    first, second = (describe.describe(model, made, image, "model.tflite") for model, made in pair)
    return first, second


def recording(frames: int) -> Recording:
    """Samples that move over the whole range of what the model's input can tell apart."""
    samples = np.random.default_rng(5).integers(-4000, 4000, (frames, HOP, CHANNELS), np.int16)
    return Recording(Path("stream"), (Spec(SAMPLES, (1, HOP, CHANNELS), "int16", 0.001, 0),), (samples,))


class Window:
    """A window over a stream, by numpy: the newest rows last, zeros before the first."""

    name = "numpy"
    needs = (SAMPLES,)

    def __init__(self) -> None:
        self.reset()

    def knows(self, tensor: str) -> bool:
        """As Reference."""
        return tensor == WINDOW

    def reset(self) -> None:
        """As Reference."""
        self._rows = np.zeros((ROWS, CHANNELS), np.int16)

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """As Reference."""
        windows = []
        for hop in given[SAMPLES]:
            self._rows = np.concatenate([self._rows, hop.reshape(HOP, CHANNELS)])[-ROWS:]
            windows.append(self._rows)
        return {name: np.stack(windows)[:, np.newaxis] for name in wanted}


def judge(oracle: Oracle, build: Build) -> Chain:
    """numpy for the window, LiteRT for the network, of which the device tells what it was given."""
    slots = [slot for layer in build.layers for slot in layer.outputs]
    (border,) = [slot for slot in slots if slot.index == oracle.inputs[0].index]
    return Chain((Window(), LiteRt(oracle, (border,), slots)))


def check(board: str, out: Path) -> None:
    """Replay a stream twice, then once layer by layer: all is right, and an old state is seen to be wrong."""
    built, model, samples = build(board, out, Options("size")), load(), recording(FRAMES)
    assert built.ram.state > 0 and built.ram.parts["state"] == built.ram.state + 2 * 16  # and guards
    with (
        Oracle(model.data, model.name) as oracle,
        pipeline.connect(out, build=built) as device,
    ):
        chain = judge(oracle, built)
        for _ in range(2):  # the second must not see what the first left
            result = replay(device, built, samples, chain)
            assert result.differing is not None and result.differing.tolist() == [0] * FRAMES
            assert len({frame.tobytes() for frame in result.outputs[0]}) == FRAMES
        gap = replay(device, built, replace(samples, fresh=(4,)), chain)
        behind = replay(device, built, replace(samples, values=(samples.values[0][4:],)), chain)
        assert gap.differing is not None and not gap.differing.any()
        assert np.array_equal(gap.outputs[0][4:], behind.outputs[0])
        assert not np.array_equal(gap.outputs[0][4], result.outputs[0][4])
        assert built.warm_up == 2 and gap.settled.tolist() == [False, False, True, True, False, False, True]
        assert result.expected.judged_by == "numpy and LiteRT's reference kernels"
        known = locate.tensors(built, chain)
        assert len(known) == len(built.layers) - 2  # nobody speaks for what brings the window to integers

        def step(frame: int) -> locate.Difference | None:
            now = {name: array[frame : frame + 1] for name, array in result.expected.given.items()}
            right = {name: array[0] for name, array in chain.follow(now, known).items()}
            built.inputs[0].write(device, now[SAMPLES][0])
            return locate.layer_by_layer(device, built, right, frame)

        chain.reset()
        device.reset_state()
        assert [step(frame) for frame in range(FRAMES)] == [None] * FRAMES
        chain.reset()  # and not the device
        wrong = step(0)
        assert wrong is not None and (wrong.layer, wrong.op) == (0, "block_window")


def check_both(board: str, out: Path) -> None:
    """Two models behind one line, frame by frame in turn: each is right, and its state is its own."""
    other, streamed = build_both(board, out, Options("size"))
    assert other.image == streamed.image and other.ram.parts["arena"] == 2 * 16 + max(
        other.ram.arena, streamed.ram.arena
    )
    cnn, model, samples = models.load(zoo.OURS / "tiny_cnn.tflite"), load(), recording(FRAMES)
    (image,) = other.inputs
    pictures = np.random.default_rng(6).integers(-128, 128, (FRAMES, *image.shape), np.int8)
    with Oracle(cnn.data, cnn.name) as oracle:
        found = LiteRt.of(oracle, other).follow({image.name: pictures}, [other.outputs[0].name])
    with Oracle(model.data, model.name) as oracle, pipeline.connect(out, build=streamed) as device:
        assert (device.hello.models, device.model.name, device.model.number) == (2, "tiny_ae", 1)
        result = replay(device, streamed, samples, judge(oracle, streamed))
        assert result.differing is not None and not result.differing.any()
        device.reset_state()
        for frame in range(FRAMES):
            for number, build, values, right in (
                (0, other, pictures[frame], found[other.outputs[0].name][frame]),
                (1, streamed, samples.values[0][frame], result.outputs[0][frame]),
            ):
                device.choose(number)
                (source,), (target,) = build.inputs, build.outputs
                _, (data,) = device.infer(
                    [(source.offset, source.encode(values))], [(target.offset, target.bytes)]
                )
                assert np.array_equal(target.decode(data), right), (frame, build.model.name)
