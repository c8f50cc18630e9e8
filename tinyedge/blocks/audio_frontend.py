# SPDX-License-Identifier: Apache-2.0
"""The audio front end of TensorFlow Lite Micro: log mel energies of speech, to the bit.

Steps and constants are those of tensorflow/lite/experimental/microfrontend, which wake-word models are
trained with; the settings are those of pymicro-features: frames of 30 ms, 40 filters between 125 and
7,500 Hz, noise reduction, per-channel gain control, natural logarithm with 6 fraction bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from pydantic import PositiveInt

from tinyedge.arithmetic import fourier
from tinyedge.blocks import Block, Parameters, Stream, grid, level
from tinyedge.blocks import window as windows
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Argument, Call, Constant, Input, Operator, Output, Scratch, State

KIND = "BLOCK_AUDIO_FRONTEND"
RATE_HZ = 16_000
SIZE = 480
"""Samples of a frame: 30 ms."""
BANDS_HZ = (125.0, 7500.0)
UNIT = 0.0390625
"""One step of the output, as the models' input has it: 10 / 256."""
WINDOW_BITS = WEIGHT_BITS = 12
NOISE_BITS = 14
SMOOTHING = (0.025, 0.06)
"""Of the noise estimate, in even and in odd channels."""
SMOOTHING_BITS = 10
LEAST_SIGNAL = 0.05
GAIN_STRENGTH, GAIN_OFFSET, GAIN_BITS = 0.95, 80.0, 21
RATIO_BITS = 12
SCALE_BITS = 6
_SERIES = (0.1479819864, 0.1531383842, 0.1818357259, 0.2222219855, 0.2857142985, 0.4000000060, 0.6666666865)
"""2/15, 2/13 ... 2/3, economised: fdlibm's Lp7 to Lp1."""


class AudioFrontend(Parameters):
    """step: samples from frame to frame; channels: filters of the bank."""

    step: PositiveInt = 160
    channels: PositiveInt = 40


@dataclass(frozen=True)
class Bank:
    """Filters: the first bin, bins of each filter [channels + 1], weights in it and in the one before it."""

    first_bin: int
    widths: Array
    weights: Array


def append(stream: Stream, wanted: AudioFrontend, name: str) -> Stream:
    """[1, hop, 1] of 16 kHz -> int16 [1, hop / step, channels]."""
    source = stream.last
    hop, channels = grid(source)
    if stream.rate_hz != RATE_HZ or channels != 1:
        raise UsageError(
            f"block 'audio_frontend' takes 1 channel at {RATE_HZ} Hz, not {channels} at {stream.rate_hz} Hz",
            "give `rate_hz = 16000` and one channel under [input]",
        )
    if wanted.step > SIZE or hop % wanted.step or not 1 <= wanted.channels <= 64:
        raise UsageError(
            f"block 'audio_frontend': {hop} samples a run, step {wanted.step}, {wanted.channels} channels",
            f"`hop` is a multiple of the step, which is at most {SIZE}; at most 64 channels",
        )
    overlap = SIZE - wanted.step
    before = windows.append(stream, windows.Window(rows=hop + overlap), f"{name}/window")
    target = Tensor(name, (1, hop // wanted.step, wanted.channels), "int16", Quantization((UNIT,), (0,)))
    states = {"noise": np.zeros(wanted.channels, np.int32), "seen": np.zeros(1, np.int32)}
    warm_up = -(-overlap // wanted.step)
    made = before.then(KIND.lower(), target, {"step": wanted.step, "warm_up": warm_up}, states)
    return replace(made, rate_hz=RATE_HZ / wanted.step)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    _, frames, channels = target.shape
    points = 1 << (SIZE - 1).bit_length() - 1
    filters = bank(channels, points)
    correction = (2 * points).bit_length() - 1 - WEIGHT_BITS // 2
    params: dict[str, int | tuple[int, ...]] = {
        "frames": frames,
        "size": SIZE,
        "step": op.attrs["step"],
        "points": points,
        "channels": channels,
        "first_bin": filters.first_bin,
        "warm_up": op.attrs["warm_up"],
        "smoothing": tuple(_share(share) for share in SMOOTHING),
        "smoothing_bits": SMOOTHING_BITS,
        "least_signal": _share(LEAST_SIGNAL),
        "snr_shift": GAIN_BITS - correction - RATIO_BITS,
        "correction": correction,
        "scale_bits": SCALE_BITS,
    }
    # The arena aligns to words of 4 bytes, and sums have 8.
    scratch = 4 + 8 * (channels + 1) + 4 * (2 * points + 1) + 2 * 2 * points
    arguments: tuple[Argument, ...] = (
        Input(source.name),
        Constant("window", hann()),
        Constant("order", fourier.order(points)),
        Constant("root", fourier.roots(points)),
        Constant("unfold", fourier.unfolding(points)),
        Constant("widths", filters.widths),
        Constant("filters", filters.weights),
        Constant("gain", gains(SMOOTHING_BITS - correction)),
        level.constant(),
        *(State(state) for state in graph.states_of(op)),
        Scratch(scratch),
        Output(target.name),
    )
    return (Call("audio_frontend", "audio_frontend_s16", params, arguments),)


def _share(share: float) -> int:
    """Of 2^14, cut off, the product in float32 as the reference has it."""
    return int(np.float32(share) * np.float32(1 << NOISE_BITS))


def hann() -> Array:
    """int16 [SIZE]: the periodic Hann window at the middle of each sample, every step in float32."""
    one, half = np.float32(1 << WINDOW_BITS), np.float32(0.5)
    angle = np.float32(math.pi) * np.float32(2.0) / np.float32(SIZE)
    phases = angle * (np.arange(SIZE, dtype=np.float32) + half)
    # The cosine in double and one rounding is what a good cosf gives.
    values = half - half * np.cos(phases.astype(np.float64)).astype(np.float32)
    window: Array = np.floor(values * one + half).astype(np.int16)
    return window


def mel(hertz: np.float32) -> np.float32:
    """1127 ln(1 + f / 700), every step in float32."""
    return np.float32(1127.0) * log1p(hertz / np.float32(700.0))


def log1p(x: np.float32) -> np.float32:
    """ln(1 + x) for x > 0 as Sun's fdlibm rounds it in float32: so do newlib, and glibc before 2.41.

    Libraries that round correctly make 4 of the 472 weights of the filter bank another by one. With
    1 + x = 2^k (1 + f), f about 0, and s = f / (2 + f): ln(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)), where
    R is a polynomial.
    """
    f32 = np.float32
    u = f32(1.0) + x
    k = math.frexp(float(u))[1] - 1
    lost = (f32(1.0) - (u - x) if k > 0 else x - (u - f32(1.0))) / u
    u = f32(math.ldexp(float(u), -k))
    if u > f32(1.41421354):
        k, u = k + 1, u * f32(0.5)
    f = u - f32(1.0)
    half_square = f32(0.5) * f * f
    s = f / (f32(2.0) + f)
    z = s * s
    series = f32(0.0)
    for coefficient in _SERIES:
        series = f32(coefficient) + z * series
    rest = s * (half_square + z * series) + (f32(k) * f32(9.0580006145e-06) + lost)
    return f32(k) * f32(6.9313812256e-01) - ((half_square - rest) - f)


def bank(channels: int, points: int) -> Bank:
    """Triangles on the mel scale between BANDS_HZ; filter 0 only gives what falls to the first one."""
    low, high = (mel(np.float32(edge)) for edge in BANDS_HZ)
    spacing = (high - low) / np.float32(channels + 1)
    centres = [low + spacing * np.float32(i + 1) for i in range(channels + 1)]
    hertz = np.float32(0.5 * RATE_HZ / points)  # of a bin
    first = at = int(1.5 + BANDS_HZ[0] / float(hertz))
    widths, weights = [], []
    for left, centre in zip([low, *centres], centres, strict=False):
        begin = at
        while mel(np.float32(at) * hertz) <= centre:
            at += 1
        widths.append(at - begin)
        for bin in range(begin, at):
            weight = (centre - mel(np.float32(bin) * hertz)) / (centre - left)
            weights += [_rounded(weight), _rounded(np.float32(1.0) - weight)]
    return Bank(first, np.array(widths, np.int16), np.array(weights, np.uint16))


def _rounded(weight: np.float32) -> int:
    return math.floor(weight * np.float32(1 << WEIGHT_BITS) + np.float32(0.5))


def gains(input_bits: int) -> Array:
    """int16 [125]: 2^21 (x + 80)^-0.95 for 0 and 1, then a parabola through each power of two's interval."""
    table = [_gain(0, input_bits), _gain(1, input_bits)]
    for bits in range(2, 33):
        start = 1 << (bits - 1)
        end = 2 * start if bits < 32 else 2 * start - 1
        y0, y1, y2 = (_gain(x, input_bits) for x in (start, start + start // 2, end))
        linear = 4 * (y1 - y0) - (y2 - y0)
        table += [y0, linear, y2 - y0 - linear, 0]
    return np.array(table[:-1], np.int64).astype(np.int16)


def _gain(x: int, input_bits: int) -> int:
    value = np.float32(np.float32(x) / np.float32(1 << input_bits)) + np.float32(GAIN_OFFSET)
    power = np.float32(math.pow(float(value), -float(np.float32(GAIN_STRENGTH))))
    gain = np.float32(1 << GAIN_BITS) * power
    return 32767 if gain > 32767 else int(np.float32(gain + np.float32(0.5)))


block = Block(AudioFrontend, append, bound="equal to pymicro-features, bit for bit")
operator = Operator((KIND,), infer, calls)
