# SPDX-License-Identifier: Apache-2.0
"""Takes a Report, gives a PNG: the score over the recording, labels shaded, and the latency below it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinyedge.errors import ToolMissing
from tinyedge.graph import Array
from tinyedge.judge import deciding
from tinyedge.judge.report import Report
from tinyedge.recording import dequantize, metrics
from tinyedge.recording.metrics import Metric

# The threshold drawn is the score that this share of the normal frames stays below.
NORMAL_SHARE = 0.99
# Okabe and Ito's colours: told apart also by those who see fewer. What stands for something has a form, too.
BLUE, RED, ORANGE, GRAY = "#0072b2", "#d55e00", "#e69f00", "#7f7f7f"
STYLES = ("-", "--", ":", "-.")
MOST_LANES = 20
"""Classes that a picture has room for, each a lane."""
# What a legend draws as it is: matplotlib reads `$` as a formula and hides a leading `_`; fonts lack letters.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_ .()/+-]{0,30}")


def render(report: Report) -> bytes:
    """PNG bytes, the same for the same report. ToolMissing when matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ToolMissing(
            "matplotlib draws the picture and is not installed", "pip install matplotlib"
        ) from error
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    draw_outcome(upper, report)
    draw_latency(lower, report)
    figure.legend(loc="outside lower center", ncols=4, fontsize="small")
    figure.suptitle(f"{report.build.model.name} on {report.build.board}: {report.verdict}")
    stream = io.BytesIO()
    # The default metadata names matplotlib's version: the picture shall depend on the report alone.
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def legend(names: Sequence[str], count: int, index: int, kind: str) -> str:
    """What a line is called: its name where all `count` have one and it is plain, else its number."""
    named = len(names) == count and _PLAIN.fullmatch(names[index]) is not None
    return names[index] if named else f"{kind} {index}"


def threshold(scores: Array, labels: Array | None) -> float | None:
    """The score that NORMAL_SHARE of the frames labelled 0 stay at or below; None without such frames."""
    if labels is None or not (labels == 0).any():
        return None
    return float(np.percentile(scores[labels == 0], 100 * NORMAL_SHARE, method="inverted_cdf"))


def frames_in_time(report: Report) -> tuple[Array, str]:
    """Where each frame is on the axis of time, and what that is in: seconds, or frames if nobody knows."""
    frames, period = np.arange(report.replay.frames), report.replay.recording.period_us
    return (frames, "frame") if period is None else (frames * (period / 1e6), "time, s")


def draw_outcome(axes: Any, report: Report) -> None:
    """The score, or the outputs, over the recording; its level, the device's detections, labels shaded."""
    labels, (frames, _) = report.replay.replayed.labels, frames_in_time(report)
    if report.scores is not None:
        axes.plot(frames, report.scores, linewidth=1, color=BLUE, label="score, on target")
        axes.set_ylabel("score")
        limit, text = report.level, "level of a detection"
        if limit is None:
            limit = threshold(report.scores, labels)
            text = f"{NORMAL_SHARE:.0%} of the normal frames are at or below"
        if limit is not None:
            axes.axhline(limit, color=RED, linestyle="--", linewidth=1, label=text)
        _mark(axes, report)
        if labels is not None:
            _shade(axes, frames, labels != 0, "labelled as an event")
    elif not _draw_classes(axes, report, frames):
        outputs = dequantize(report.replay.outputs[0], report.replay.specs[0])
        flat = outputs.reshape(len(frames), -1)
        for index in range(min(flat.shape[1], 12)):
            name = legend(report.replay.recording.classes, flat.shape[1], index, "output")
            axes.plot(frames, flat[:, index], linewidth=1, linestyle=STYLES[index % len(STYLES)], label=name)
        axes.set_ylabel("output, on target")
        if labels is not None and report.accuracy.metric == "accuracy":
            _shade(axes, frames, metrics.classes(outputs) != labels, "classified otherwise than labelled")
    differing = report.replay.differing
    if differing is not None and differing.any():
        wrong = np.flatnonzero(differing)
        axes.plot(
            frames[wrong],
            np.zeros(len(wrong)),
            "rx",
            label="not bit-exact",
            transform=axes.get_xaxis_transform(),
        )


def _draw_classes(axes: Any, report: Report, frames: Array) -> bool:
    """A lane for each class: where it is labelled, where it is decided for; False if nothing decides."""
    found, labels = report.detection, report.replay.replayed.labels
    metric = Metric("accuracy" if report.accuracy.metric == "accuracy" else "none")
    decided = deciding.decisions_of(report.replay, report.build, metric)
    if found is None or labels is None or decided is None or len(found.classes) > MOST_LANES:
        return False
    step = frames[1] - frames[0] if len(frames) > 1 else 1
    text = "labelled"
    for lane in range(len(found.classes)):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], labels == lane, [0]))))
        spans = [
            (frames[at] - step / 2, (end - at) * step)
            for at, end in zip(edges[::2], edges[1::2], strict=True)
        ]
        axes.broken_barh(spans, (lane - 0.4, 0.8), facecolor=ORANGE, alpha=0.4, linewidth=0, label=text)
        text = "_"
    right = decided == labels
    for which, mark, colour, text in (
        (right, "|", BLUE, "decided on target, as labelled"),
        (~right & (decided >= 0), "x", RED, "decided otherwise"),
    ):
        axes.plot(frames[which], decided[which], mark, markersize=6, color=colour, label=text)
    names = [legend(found.columns, len(found.columns), lane, "class") for lane in range(len(found.classes))]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    return True


def _mark(axes: Any, report: Report) -> None:
    """A bar along the bottom wherever the device detects something."""
    decided = report.build.decision
    if decided is None or decided.decision is None:
        return
    found = report.replay.output(decided.decision).ravel() != decided.nothing
    place, (at, _) = axes.get_xaxis_transform(), frames_in_time(report)
    axes.plot(
        at[found],
        np.full(int(found.sum()), 0.015),
        "s",
        markersize=3,
        color=RED,
        label="detected on target",
        transform=place,
    )


def _shade(axes: Any, frames: Array, marked: Array, text: str) -> None:
    """A band, hatched for whoever sees no colour, behind each run of marked frames."""
    half = (frames[1] - frames[0]) / 2 if len(frames) > 1 else 0.5
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(int), [0]))))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        first, last = frames[begin] - half, frames[end - 1] + half
        axes.axvspan(
            first, last, facecolor=ORANGE, alpha=0.3, edgecolor=GRAY, hatch="//", linewidth=0, label=text
        )
        text = "_"  # one entry in the legend is enough; matplotlib leaves out labels that begin so


def draw_latency(axes: Any, report: Report) -> None:
    """What each inference took, in the board's unit."""
    frames, unit = frames_in_time(report)
    values = report.replay.ticks.astype(np.float64) * report.latency.resolution
    axes.plot(frames, values, linewidth=1, color=GRAY)
    axes.set_ylabel(report.latency.unit)
    axes.set_xlabel(unit)
    axes.set_ylim(0, 1.15 * max(report.latency.max, 1.0))
