# SPDX-License-Identifier: Apache-2.0
"""TFLM's signal operators, in our C under sanitizers, against TFLM itself (PyPI's tflite-micro)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.conftest import needed
from tests.model_runner import Job
from tests.single_op import Node
from tinyedge import passes
from tinyedge.blocks import audio_frontend
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Tensor
from tinyedge.model import tflite

SHARES = {
    "alternate_one_minus_smoothing": 15401,
    "alternate_smoothing": 983,
    "clamping": False,
    "min_signal_remaining": 819,
    "num_channels": 40,
    "one_minus_smoothing": 15975,
    "smoothing": 409,
    "smoothing_bits": 10,
    "spectral_subtraction_bits": 14,
}


class Model:
    """A TFLite model under construction."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.nodes: list[Node] = []
        self.inputs: list[str] = []

    def input(self, name: str, *shape: int) -> str:
        self.inputs.append(name)
        return self._tensor(name, shape, "int16")

    def constant(self, name: str, data: Array) -> str:
        self.tensors[name] = Tensor(name, data.shape, data.dtype.name, data=data)
        return name

    def add(
        self, kind: str, inputs: tuple[str, ...], *outputs: tuple[str, tuple[int, ...], str], **options: Any
    ) -> str:
        """An operator; its first output's name."""
        names = tuple(self._tensor(*output) for output in outputs)
        self.nodes.append(Node(kind, inputs, names, options))
        return names[0]

    def bytes(self, *outputs: str) -> bytes:
        """All that operators make is an output where none is named."""
        made = [name for node in self.nodes for name in node.outputs]
        return single_op.pack(self.tensors.values(), self.nodes, self.inputs, outputs or made)

    def _tensor(self, name: str, shape: tuple[int, ...], dtype: str) -> str:
        self.tensors[name] = Tensor(name, shape, dtype)
        return name


def front() -> Model:
    """The audio front end of TFLM's micro_speech, of frames that overlap; then three frames stacked."""
    model, bank = Model(), audio_frontend.bank(40, 256)
    widths = bank.widths
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int16)
    model.add(
        "CUSTOM SignalFramer",
        (model.input("sound", 1, 160),),
        ("frames", (1, 1, 480), "int16"),
        ("framed", (), "bool"),
        frame_size=480,
        frame_step=160,
        prefill=True,
    )
    shape = model.constant("shape", np.array([480], np.int32))
    frame = model.add("RESHAPE", ("frames", shape), ("frame", (480,), "int16"))
    window = model.constant("hann", audio_frontend.hann())
    model.add("CUSTOM SignalWindow", (frame, window), ("windowed", (480,), "int16"), shift=12)
    model.add("CUSTOM SignalFftAutoScale", ("windowed",), ("scaled", (480,), "int16"), ("bits", (), "int32"))
    model.add("CUSTOM SignalRfft", ("scaled",), ("bins", (514,), "int16"), T=7, fft_length=512)
    last = int(bank.first_bin + widths.sum())
    energy = ("energy", (257,), "uint32")
    model.add("CUSTOM SignalEnergy", ("bins",), energy, start_index=bank.first_bin, end_index=last)
    pairs = bank.weights.astype(np.int16).reshape(-1, 2)
    arrays = (
        model.constant("weights", np.ascontiguousarray(pairs[:, 0])),
        model.constant("unweights", np.ascontiguousarray(pairs[:, 1])),
        model.constant("first", (starts + bank.first_bin).astype(np.int16)),
        model.constant("starts", starts),
        model.constant("widths", widths),
    )
    model.add("CUSTOM SignalFilterBank", ("energy", *arrays), ("sums", (40,), "uint64"), num_channels=40)
    model.add("CUSTOM SignalFilterBankSquareRoot", ("sums", "bits"), ("roots", (40,), "uint32"))
    kind = "CUSTOM SignalFilterBankSpectralSubtraction"
    model.add(kind, ("roots",), ("clean", (40,), "uint32"), ("noise", (40,), "uint32"), **SHARES)
    gain = model.constant("gain", audio_frontend.gains(7))
    model.add("CUSTOM SignalPCAN", ("clean", "noise", gain), ("even", (40,), "uint32"), snr_shift=6)
    log = ("log", (40,), "int16")
    model.add("CUSTOM SignalFilterBankLog", ("even",), log, input_correction_bits=3, output_scale=64)
    stack(model, "log", 40, left=1, right=1, step=2)
    return model


def stack(model: Model, source: str, channels: int, left: int, right: int, step: int) -> None:
    name = f"stack{left}{right}{step}"
    model.add(
        "CUSTOM SignalStacker",
        (source,),
        (name, (channels * (left + right + 1),), "int16"),
        (f"{name}/valid", (), "bool"),
        num_channels=channels,
        stacker_left_context=left,
        stacker_right_context=right,
        stacker_step=step,
    )


def streams() -> Model:
    """Operators that keep something, in several sizes."""
    model = Model()
    model.input("pair", 2, 24)
    model.input("frames", 2, 3, 20)
    model.input("row", 7)
    for length in (1, 24, 50):
        delayed = (f"delay{length}", (2, 24), "int16")
        model.add("CUSTOM SignalDelay", ("pair",), delayed, delay_length=length)
    for step in (5, 20):
        added = (f"added{step}", (2, 3 * step), "int16")
        model.add("CUSTOM SignalOverlapAdd", ("frames",), added, T=7, frame_step=step)
    for size, step, prefill in ((20, 8, False), (20, 8, True), (60, 12, False), (8, 8, True), (3, 4, False)):
        name = f"framed{size}{step}{int(prefill)}"
        model.add(
            "CUSTOM SignalFramer",
            ("pair",),
            (name, (2, 24 // step, size), "int16"),
            (f"{name}/valid", (), "bool"),
            frame_size=size,
            frame_step=step,
            prefill=prefill,
        )
    for left, right, step in ((0, 0, 1), (2, 0, 1), (0, 3, 1), (1, 1, 3)):
        stack(model, "row", 7, left, right, step)
    weights = model.constant("weights", np.array([-32768, 32767, 1, -1, 0, 99, -7], np.int16))
    model.add("CUSTOM SignalWindow", ("row", weights), ("window", (7,), "int16"), shift=7)
    model.add("CUSTOM SignalFftAutoScale", ("row",), ("scale", (7,), "int16"), ("shift", (), "int32"))
    return model


def loudness(shape: tuple[int, ...], runs: int, seed: int) -> Array:
    """int16 [runs, ...]: noise from silence to the limits, and -2^15 at several places of a frame."""
    rng = np.random.default_rng(seed)
    loud = np.geomspace(0.3, 40_000, runs)[rng.permutation(runs)].reshape(-1, *[1] * len(shape))
    sound = np.clip(rng.normal(0, 1, (runs, *shape)) * loud, -32768, 32767).astype(np.int16)
    sound[runs // 2] = -32768
    sound[runs // 3] = 0
    sound[runs // 4, ..., -1] = -32768
    sound[runs // 5, ..., 2] = -32768
    return sound


def compared(model: Model, frames: Mapping[str, Array], tmp_path: Path) -> dict[str, list[Array]]:
    """Every output of every run equals TFLM's, where TFLM defines it; ours, by name."""
    runtime = needed("tflite_micro", "pip install tflite-micro").runtime
    data = model.bytes()
    judge = runtime.Interpreter.from_bytes(data, arena_size=400_000)
    names = [name for node in model.nodes for name in node.outputs]
    runs = len(next(iter(frames.values())))
    job = Job("signals", data, [{name: frames[name][run] for name in model.inputs} for run in range(runs)])
    ours: dict[str, list[Array]] = {name: [] for name in names}
    for run, found in enumerate(model_runner.run([job], tmp_path)[0]):
        for i, name in enumerate(model.inputs):
            judge.set_input(frames[name][run], i)
        judge.invoke()
        wanted = {name: np.array(judge.get_output(i)) for i, name in enumerate(names)}
        for name, got in zip(names, found, strict=True):
            ours[name].append(got)
            if wanted.get(f"{name}/valid", True):
                inside = slice(5, 241) if name == "energy" else slice(None)
                np.testing.assert_array_equal(
                    got.ravel()[inside], wanted[name].ravel()[inside], f"{name} {run}"
                )
    return ours


def test_the_front_end_of_operators_equals_tflm(tmp_path: Path) -> None:
    ours = compared(front(), {"sound": loudness((1, 160), 60, 1)}, tmp_path)
    assert len(np.unique(np.stack(ours["log"]))) > 200
    assert [bool(valid) for valid in ours["stack112/valid"][:6]] == [False, True, False, True, False, True]


def test_streams_of_frames_equal_tflm(tmp_path: Path) -> None:
    shapes = {"pair": (2, 24), "frames": (2, 3, 20), "row": (7,)}
    compared(streams(), {name: loudness(shape, 24, 2) for name, shape in shapes.items()}, tmp_path)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("SignalWindow", {"shift": 31}, "its shift is 31"),
        ("SignalRfft", {"T": 7, "fft_length": 480}, "its fft_length is 480"),
        ("SignalRfft", {"T": 0, "fft_length": 512}, "its type number 0"),
        ("SignalRfft", {"T": 7}, "its fft_length is not given"),
        ("SignalDelay", {"delay_length": 1 << 30}, "its delay_length is 1073741824"),
        ("SignalFramer", {"frame_size": 4, "frame_step": 8, "prefill": True}, "its frame_size is 4"),
        ("SignalStacker", {"num_channels": 16}, "its stacker_left_context is not given"),
        ("SignalNoSuch", {}, "tinyedge does not have this operator"),
    ],
)
def test_what_is_not_possible_is_one_sentence(kind: str, options: dict[str, int], says: str) -> None:
    model = Model()
    model.input("in", 16)
    model.add(f"CUSTOM {kind}", ("in",), ("out", (16,), "int16"), **options)
    with pytest.raises(Unsupported, match=says):
        passes.optimize(tflite.lower(model.bytes(), "m"))
