# SPDX-License-Identifier: Apache-2.0
"""Takes a Replay and what it was built from, gives the Report: the verdict, and every figure behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.energy import Energy
from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.judge import budget as budgets
from tinyedge.judge import deciding, detection, drifting, orders
from tinyedge.judge import latency as latencies
from tinyedge.judge.budget import Line, Verdict
from tinyedge.judge.detection import Detection
from tinyedge.judge.drifting import Drift
from tinyedge.judge.harness import Replay
from tinyedge.judge.latency import Latency, RealTime
from tinyedge.judge.locate import Difference
from tinyedge.judge.profile import Profile
from tinyedge.judge.repeating import Repeats
from tinyedge.line.clock import Frequency
from tinyedge.project import Budget, Task
from tinyedge.recording import dequantize
from tinyedge.recording.metrics import Metric

Share = float | None  # of 1; None: not known
EXIT_CODES: dict[Verdict, int] = {"pass": 0, "fail": 1, "not judged": 3, "incomplete": 4}
NO_TASK = Task()
_METRICS = {"auc": "AUC", "accuracy": "accuracy"}


@dataclass(frozen=True)
class BitExact:
    """frames: with every output bit right; mismatches: output elements that differ. None: nobody can say."""

    frames: int | None
    mismatches: int | None
    first_layer: str | None
    first_difference: Difference | None
    judged_by: str
    unjudged: str


@dataclass(frozen=True)
class Accuracy:
    """How good the float model, its integer form on this host and the device are; why one is None."""

    metric: str | None
    float: Share
    integer_host: Share
    device: Share
    reason: str = ""


@dataclass(frozen=True)
class Heap:
    """Bytes of MicroPython's heap, by `gc`: what importing the module took, what is then free, all of it."""

    module: int
    free: int
    size: int


@dataclass(frozen=True)
class MemoryUse:
    """Bytes. stack_high_water is what the device measured, stack_bound what was proven at build time.

    heap: where the board runs MicroPython.
    """

    stack_high_water: int | None
    stack_size: int | None
    stack_bound: int | None
    arena: int
    ram: int | None
    flash: int | None
    heap: Heap | None = None


@dataclass(frozen=True)
class Report:
    """One judged replay. scores: anomaly score of each frame [N]; detection: how good decisions are.

    drift: what the device's counters held at the end. repeats: None where the recording ran once.
    energy: None where nothing measured it. profile: what each layer took on its own, None
    where nobody asked.
    """

    build: Build
    replay: Replay
    bit_exact: BitExact
    accuracy: Accuracy
    latency: Latency
    real_time: RealTime
    memory: MemoryUse
    budgets: tuple[Line, ...]
    verdict: Verdict
    scores: Array | None
    detection: Detection | None = None
    drift: tuple[Drift, ...] = ()
    repeats: Repeats | None = None
    energy: Energy | None = None
    profile: Profile | None = None

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 not judged, 4 incomplete: the device went away."""
        return EXIT_CODES[self.verdict]

    @property
    def level(self) -> float | None:
        """Of the score, above which the device detects something; None where it does not decide by one."""
        return None if self.build.decision is None else self.build.decision.level

    @property
    def stopped(self) -> str:
        """Why not all frames were replayed, in a sentence; "" when they were."""
        why = self.replay.stopped
        return "" if why is None else f"stopped after {self._frames()} frames: {why}"

    @property
    def judgement(self) -> str:
        """What the verdict rests on, in a sentence: a pass says nothing of what had no limit."""
        known = [line.name for line in self.budgets if line.ok is not None]
        unknown = [line.name for line in self.budgets if line.ok is None]
        parts = [f"judged {', '.join(known) or 'nothing'}"]
        if unknown:
            parts.append(f"not judged {', '.join(unknown)}")
        limited = any(line.name.startswith("accuracy") for line in self.budgets)
        if self.accuracy.device is not None and not limited:
            parts.append(f"{_METRICS[self.accuracy.metric or '']} {self.accuracy.device:.4f} has no limit")
        return "; ".join(parts)

    @property
    def misordered(self) -> str:
        """That outputs or scores have another order than labels, in a sentence; "" where it is not plain."""
        order = None if self.detection is None else self.detection.order
        if order is not None:
            return orders.sentence(order)
        recording, labels = self.replay.recording, self.replay.replayed.labels
        if self.accuracy.metric != "auc" or self.accuracy.device is None or labels is None:
            return ""
        first = recording.classes[0] if recording.classes else None
        return orders.inverted(self.accuracy.device, labels[self.replay.settled], first, recording.words)

    def _frames(self) -> str:
        done, asked = self.replay.frames, len(self.replay.recording)
        return f"{done:,}" if done == asked else f"{done:,} of {asked:,}"

    def rows(self) -> list[tuple[str, str]]:
        """The verdict table: what, and how much."""
        exact, accuracy, latency, memory = self.bit_exact, self.accuracy, self.latency, self.memory
        name = _METRICS.get(accuracy.metric or "", "")
        rows = [
            ("frames replayed", self._frames()),
            ("bit-exact frames", _count(exact.frames)),
        ]
        if self.repeats is not None:
            rows.append((f"frames that differ in {self.repeats.times} runs", f"{self.repeats.differing:,}"))
        if name:
            rows += [
                (f"{name}, float model", _share(accuracy.float)),
                (f"{name}, integer on host", _share(accuracy.integer_host)),
                (f"{name}, on target", _share(accuracy.device)),
            ]
        if self.detection is not None:
            rows += detection.rows(self.detection)
        rows += [(f"drift of {each.of}", each.words) for each in self.drift]
        rows += [
            (f"{latency.unit} per inference, {which}", f"{getattr(latency, which):,.0f}")
            for which in ("p50", "p95", "p99", "max")
        ]
        rows.append((f"{latency.unit}, largest less smallest", f"{latency.jitter:,.0f}"))
        rows.append(("one tick of the clock", f"{latency.resolution:g} {latency.unit}"))
        if latency.clock_hz_measured is not None:
            rows.append(("clock by the host's", latency.megahertz()))
        if self.energy is not None:
            rows += _energy(self.energy)
        if self.real_time.period_us is not None:
            rows.append(("deadlines missed", _deadlines(self.real_time)))
        if self.real_time.duty_cycle is not None:
            rows.append(("duty cycle", f"{100 * self.real_time.duty_cycle:.3g} %"))
        for title, sizes in (("flash", self.build.flash), ("RAM", self.build.ram)):
            rows.append((f"{title}, bytes", _count(sizes.total)))
            rows += [(f"  {part}", _count(size)) for part, size in sizes.parts.items()]
        rows += [
            ("arena, bytes", f"{memory.arena:,} (at least {self.build.ram.arena_lower_bound:,})"),
            ("stack used, bytes", _count(memory.stack_high_water)),
            ("stack bound, bytes", _count(memory.stack_bound)),
        ]
        if memory.heap is not None:
            rows.append(("heap free, bytes", f"{memory.heap.free:,} of {memory.heap.size:,}"))
        return rows


def judge(
    replay: Replay,
    build: Build,
    board: Board,
    budget: Budget,
    metric: Metric,
    float_outputs: Sequence[Array] | None = None,
    period_us: float | None = None,
    task: Task = NO_TASK,
    *,
    emulated: bool,
    measured: Frequency | None = None,
    repeats: Repeats | None = None,
    energy: Energy | None = None,
) -> Report:
    """Work out every figure and the verdict.

    float_outputs: what the float model gives for the recording's physical values, [N, ...] per output.
    emulated: whether the board's emulator replayed, and not the board. measured: its clock by the host's.
    repeats: what the same frames gave again. energy: what a probe measured.
    Raises InvalidMeasurement when firmware and board file disagree about the clock, or it stood still.
    """
    exact = _bit_exact(replay)
    accuracy = _accuracy(replay, metric, float_outputs)
    clock = board.clock(emulated)
    try:
        _same_clock(replay, board)
        latency = latencies.measure(replay.ticks, clock, board.clock_hz, measured)
    except InvalidMeasurement as error:
        if exact.first_layer:
            error.args = (f"{error}; and the outputs are wrong: {exact.first_layer}",)
        raise
    real_time = latencies.deadlines(replay.ticks, clock, period_us)
    if latency.clock_differs:
        real_time = replace(real_time, deadline_misses=None, duty_cycle=None, reason=latency.timeless)
    memory = MemoryUse(
        stack_high_water=replay.stack_high_water,
        stack_size=replay.stack_size,
        stack_bound=build.ram.stack_bound,
        arena=build.ram.arena,
        ram=build.ram.total,
        flash=build.flash.total,
    )
    values, reasons = _limited(memory, accuracy, latency, real_time)
    lines = (
        budgets.line(budgets.BITS, 0, exact.mismatches, exact.unjudged),
        *([budgets.line(budgets.SAME, 0, repeats.differing)] if repeats else []),
        *budgets.judge(budget.of(board.name, *board.aliases), values, reasons),
    )
    if replay.stopped is not None:
        reason = f"only {replay.frames} of {len(replay.recording)} frames were replayed"
        lines = tuple(budgets.so_far(line, reason) for line in lines)
    return Report(
        build=build,
        replay=replay,
        bit_exact=exact,
        accuracy=accuracy,
        latency=latency,
        real_time=real_time,
        memory=memory,
        budgets=lines,
        verdict=budgets.verdict(lines, replay.stopped is None, budget.not_judged),
        scores=_scores(replay, build, metric),
        detection=deciding.judge(replay, build, metric, task),
        drift=drifting.of(build, lambda slot: replay.output(slot.name)[-1]) if replay.frames else (),
        repeats=repeats,
        energy=energy,
    )


def _limited(
    memory: MemoryUse, accuracy: Accuracy, latency: Latency, real_time: RealTime
) -> tuple[dict[str, float | None], dict[str, str]]:
    """What was measured, by the names of limits, and why a value is None, where known."""
    values: dict[str, float | None] = {
        "flash": memory.flash,
        "ram": memory.ram,
        "arena": memory.arena,
        "stack": memory.stack_high_water if memory.stack_bound is None else memory.stack_bound,
        **latency.limited(),
        "deadline_misses": real_time.deadline_misses,
        "accuracy_min": accuracy.device,
        "accuracy_drop": _drop(accuracy),
    }
    unmeasured = (
        "what this machine runs is no ELF file: its size is not measured" if memory.flash is None else ""
    )
    reasons = {
        **{key: latency.timeless for key in values if key.endswith("_us")},
        **{key: f"the board counts {latency.unit}" for key in values if key.endswith(latencies.COUNTED)},
        "flash": unmeasured,
        "ram": unmeasured,
        "deadline_misses": real_time.reason,
        "accuracy_min": accuracy.reason,
        "accuracy_drop": accuracy.reason,
    }
    return values, reasons


def _same_clock(replay: Replay, board: Board) -> None:
    stated = board.ticks
    if (replay.ticks_hz, replay.tick_unit) != (stated.hz, stated.unit):
        raise InvalidMeasurement(
            f"the firmware counts {replay.tick_unit} at {replay.ticks_hz} Hz, "
            f"the board {board.name} {stated.unit} at {stated.hz} Hz",
            f"does its crystal run? else correct `ticks` of the board {board.name}, or the port {board.port}",
        )


def _bit_exact(replay: Replay) -> BitExact:
    differing, expected = replay.differing, replay.expected
    if differing is None:
        return BitExact(None, None, None, None, expected.judged_by, expected.unjudged)
    first = replay.first_difference
    return BitExact(
        frames=int(np.count_nonzero(differing == 0)),
        mismatches=int(differing.sum()),
        first_layer=None if first is None else str(first),
        first_difference=first,
        judged_by=expected.judged_by,
        unjudged="",
    )


def _accuracy(replay: Replay, metric: Metric, float_outputs: Sequence[Array] | None) -> Accuracy:
    labels = replay.replayed.labels
    if metric.kind == "none":
        return Accuracy(None, None, None, None, "no metric is asked for, or the recording has no labels")
    if labels is None:
        return Accuracy(metric.kind, None, None, None, "the recording has no labels")
    said, judged = replay.said, replay.settled
    inputs, spec = replay.seen.real()[0], said.specs[0]
    if not judged.any():
        why = f"no frame is left behind the first {replay.warm_up}: windows not full, filters not settled"
        return Accuracy(metric.kind, None, None, None, why)

    def rate(outputs: Array) -> float | None:
        return metric.rate(inputs, outputs, labels, judged)

    device = rate(dequantize(said.device[0], spec))
    reason = "there is no float model to compare with" if float_outputs is None else ""
    if device is None:
        reason = "an AUC needs normal frames (label 0) and others"
    return Accuracy(
        metric=metric.kind,
        float=None if float_outputs is None else rate(float_outputs[0]),
        integer_host=rate(dequantize(said.host[0], spec)),
        device=device,
        reason=reason,
    )


def _drop(accuracy: Accuracy) -> Share:
    if accuracy.float is None or accuracy.device is None:
        return None
    return accuracy.float - accuracy.device


def _scores(replay: Replay, build: Build, metric: Metric) -> Array | None:
    """What the device decides by, else what the metric makes of its output."""
    own = deciding.score_of(replay, build)
    if own is not None:
        return own
    said = replay.said
    return metric.scores(replay.seen.real()[0], dequantize(said.device[0], said.specs[0]))


def _energy(found: Energy) -> list[tuple[str, str]]:
    """To four digits: a probe knows no more."""
    return [
        ("uJ per inference, mean", f"{found.mean_uj:.4g}"),
        ("uJ per inference, least and greatest", f"{found.min_uj:.4g}, {found.max_uj:.4g}"),
        ("supply while measured", f"{found.volts:g} V"),
    ]


def _count(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f}"


def _deadlines(real_time: RealTime) -> str:
    if real_time.deadline_misses is None:
        return f"not known: {real_time.reason}"
    return f"{real_time.deadline_misses:,} of a period of {real_time.period_us:,.0f} us"
