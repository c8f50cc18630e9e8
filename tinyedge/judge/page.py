# SPDX-License-Identifier: Apache-2.0
"""Takes a Report and its charts, gives one HTML page that needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tinyedge import text
from tinyedge.judge import detection, record
from tinyedge.judge.charts import Chart
from tinyedge.judge.report import Report
from tinyedge.recording import quality
from tinyedge.text import template


def render(report: Report, charts: Sequence[Chart], when: str = "") -> str:
    """HTML text; every value is escaped. when: the date and time of the replay, ISO 8601, or "" for none."""
    confused = None if report.detection is None else detection.confused(report.detection)
    return template.render(
        "report.html.j2",
        report=report,
        build=report.build,
        when=when,
        recorded=_recorded(report),
        charts=[
            (chart.title, chart.words, text.word(base64.b64encode(chart.svg).decode())) for chart in charts
        ],
        confused=confused,
        number=lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}",
        most=max((count for row in confused[1] for count in row[1:]), default=0) if confused else 0,
    )


def _recorded(report: Report) -> list[tuple[str, str]]:
    """What the recording is like, and how good."""
    recording = report.replay.recording
    clipped = quality.assess(recording).clipped
    rate = "not known" if recording.rate_hz is None else text.hertz(recording.rate_hz)
    return [
        ("recording", recording.path.as_posix()),
        ("frames", f"{len(recording):,}"),
        ("rate of its rows", rate),
        ("gaps", f"{recording.gaps:,}"),
        ("values that the input cannot hold", f"{clipped:.2%}"),
        ("SHA-256 of what the device was fed", record.of(report).recording.sha256),
    ]
