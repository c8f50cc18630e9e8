# SPDX-License-Identifier: Apache-2.0
"""Takes a Report, gives the charts of its page as SVG: the recording, what came of it, latencies, the arena.

An SVG is shown as an image, so that nothing in it can run; its own style sheet follows a dark screen.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.build import Build, Slot
from tinyedge.errors import ToolMissing
from tinyedge.judge import picture
from tinyedge.judge.report import Report

# Narrow, since a phone shows it in 360 points: a letter of 10 points is still read there.
_WIDTH = 5.6  # inches
_POINTS = 2000  # that a line of a chart shows; beyond, smallest and largest of each stretch
_CHANNELS = 6  # of the recording, drawn
_INK = "#010203"  # stands for whatever the text around has; matplotlib has no such colour
_DARK = {picture.BLUE: "#56b4e9", picture.RED: "#ff9e4a"}  # what is legible on black, by what is on white
_LIGHT = ";".join(f"--c{i}:{one}" for i, one in enumerate(_DARK))
_NIGHT = ";".join(f"--c{i}:{one}" for i, one in enumerate(_DARK.values()))
_STYLE = f"svg{{color:#1b1b1b;{_LIGHT}}}@media (prefers-color-scheme:dark){{svg{{color:#e6e6e6;{_NIGHT}}}}}"
_SETTINGS = {
    "font.size": 10,
    "svg.hashsalt": "tinyedge",  # the same picture for the same report
    "svg.fonttype": "path",
    "hatch.linewidth": 0.6,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK),
}


@dataclass(frozen=True)
class Chart:
    """A picture with a title, and its words for whoever cannot see it."""

    title: str
    words: str
    svg: bytes


@dataclass(frozen=True)
class Lifetime:
    """A tensor's place in the arena, bytes, from the layer that writes it until the place is written again.

    first: -1 for an input. last: exclusive; the number of layers where it stands to the end.
    """

    name: str
    offset: int
    bytes: int
    first: int
    last: int


def draw(report: Report) -> tuple[Chart, ...]:
    """Those that the report has something for. ToolMissing when matplotlib is not installed."""
    recording, latency = report.replay.recording, report.latency
    return (
        _chart(
            "Recording",
            f"The first channels of {recording.path.name} over time, in physical values",
            2.2,
            lambda axes: _recording(axes, report),
        ),
        _chart(
            "What came of it",
            "The score or the outputs on the target over time, with labels, level and detections",
            3.4,
            lambda axes: _outcome(axes, report),
        ),
        _chart(
            "Latency",
            f"How many inferences took how many {latency.unit}: {latency.min:,.0f} to {latency.max:,.0f}",
            2.2,
            lambda axes: _histogram(axes, report),
        ),
        _chart(
            "Arena",
            f"Which bytes of the {report.build.ram.arena:,} of the arena hold what, operator by operator",
            3.0,
            lambda axes: _arena(axes, report.build),
        ),
    )


def lifetimes(build: Build) -> Iterator[Lifetime]:
    """Every tensor of the build, in the order in which they are written."""
    made = [(-1, slot) for slot in build.inputs]
    made += [(at, slot) for at, layer in enumerate(build.layers) for slot in layer.outputs]
    for place, (first, slot) in enumerate(made):
        over = (at for at, other in made[place + 1 :] if at > first and _overlap(slot, other))
        yield Lifetime(slot.name, slot.offset, slot.bytes, first, next(over, len(build.layers)))


def _overlap(one: Slot, other: Slot) -> bool:
    return one.offset < other.offset + other.bytes and other.offset < one.offset + one.bytes


def _chart(title: str, words: str, height: float, fill: Callable[[Any], None]) -> Chart:
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ToolMissing(
            "matplotlib draws the charts and is not installed", "pip install matplotlib"
        ) from error
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        axes = figure.subplots()
        axes.patch.set_alpha(0)
        axes.spines[["top", "right"]].set_visible(False)
        fill(axes)
        _, labels = axes.get_legend_handles_labels()
        if labels:
            figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
        stream = io.BytesIO()
        # No date, no version: the picture depends on the report alone.
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue().replace(_INK.encode(), b"currentColor")
    for number, colour in enumerate(_DARK):
        svg = svg.replace(colour.encode(), f"var(--c{number})".encode())
    return Chart(title, words, svg.replace(b"<defs>", f"<style>{_STYLE}</style><defs>".encode(), 1))


def _recording(axes: Any, report: Report) -> None:
    recording = report.replay.replayed
    period, values = recording.period_us, recording.real()[0]
    channels = values.shape[-1] if values.ndim > 2 else 1
    rows = values.reshape(-1, channels)
    per_frame = len(rows) // max(len(values), 1)
    at = np.arange(len(rows)) / max(per_frame, 1)
    if period is not None:
        at = at * (period / 1e6)
    for channel in range(min(channels, _CHANNELS)):
        name = (
            "samples" if channels == 1 else picture.legend(recording.channels, channels, channel, "channel")
        )
        style = picture.STYLES[channel % len(picture.STYLES)]
        colour = (picture.BLUE, picture.RED, picture.ORANGE, picture.GRAY)[channel % 4]
        axes.plot(*_thinned(at, rows[:, channel]), linewidth=0.8, linestyle=style, color=colour, label=name)
    axes.set_xlabel("frame" if period is None else "time, s")


def _thinned(at: Any, values: Any) -> tuple[Any, Any]:
    """At most _POINTS of a line; smallest and largest of each stretch, so that no peak is lost."""
    stretch = -(-len(values) * 2 // _POINTS)
    if stretch < 2:
        return at, values
    kept = len(values) // stretch * stretch
    blocks = values[:kept].reshape(-1, stretch)
    ends = np.sort(np.stack([blocks.argmin(axis=1), blocks.argmax(axis=1)], axis=1), axis=1)
    chosen = (ends + np.arange(len(blocks))[:, np.newaxis] * stretch).ravel()
    return at[chosen], values[chosen]


def _outcome(axes: Any, report: Report) -> None:
    picture.draw_outcome(axes, report)
    axes.set_xlabel(picture.frames_in_time(report)[1])


def _histogram(axes: Any, report: Report) -> None:
    latency = report.latency
    values = report.replay.ticks.astype(np.float64) * latency.resolution
    axes.hist(
        values, bins=min(40, max(1, len(np.unique(values)))), color=picture.BLUE, hatch="..", edgecolor=_INK
    )
    for which, style in (("p50", "-"), ("p99", "--")):
        axes.axvline(getattr(latency, which), color=picture.RED, linestyle=style, label=which)
    axes.set_xlabel(f"{latency.unit} per inference")
    axes.set_ylabel("inferences")


def _arena(axes: Any, build: Build) -> None:
    colours, hatches = (picture.BLUE, picture.ORANGE, picture.GRAY), ("", "//", "..", "\\\\")
    for number, one in enumerate(lifetimes(build)):
        axes.broken_barh(
            [(one.first, one.last - one.first)],
            (one.offset, one.bytes),
            facecolor=colours[number % len(colours)],
            hatch=hatches[number % len(hatches)],
            alpha=0.55,
            edgecolor=_INK,
            linewidth=0.6,
        )
    axes.axhline(build.ram.arena, color=picture.RED, linestyle="--", linewidth=1, label="end of the arena")
    axes.set_xlabel("operator, -1: the inputs are written")
    axes.set_ylabel("byte")
    axes.set_xlim(-1.2, len(build.layers) + 0.2)
    axes.set_ylim(0, build.ram.arena * 1.08 or 1)
