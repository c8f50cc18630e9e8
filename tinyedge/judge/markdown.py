# SPDX-License-Identifier: Apache-2.0
"""Takes a Report, gives Markdown with tables (GitHub's and GitLab's form) for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge.judge import detection
from tinyedge.judge.budget import Line
from tinyedge.judge.report import Report
from tinyedge.text import markdown


def render(report: Report) -> str:
    """Title with the verdict, what it rests on, the limits, and the verdict table."""
    build = report.build
    title = f"tinyedge: {markdown(build.model.name)} on {markdown(build.board)}: {report.verdict}"
    said = [
        report.judgement,
        report.stopped,
        report.misordered,
        report.bit_exact.first_layer,
        report.bit_exact.unjudged,
    ]
    limits = [(line.name, f"{line.limit:g}", *_judged(line)) for line in report.budgets]
    parts = [
        f"### {title}",
        *(f"{markdown(sentence)}." for sentence in said if sentence),
        table(("limit", "at", "measured", ""), limits, "lrrl"),
        table(("", "value"), report.rows(), "lr"),
    ]
    if report.detection is not None:
        head, counted = detection.confused(report.detection)
        cells = [[str(cell) for cell in row] for row in counted]
        parts.append(table(head, cells, "l" + "r" * (len(head) - 1)))
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """A table of plain texts; align: "l" or "r" for each column."""
    rule = ["---" if side == "l" else "--:" for side in align]
    cells = [[str(markdown(cell)) for cell in row] for row in (head, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:]))


def _judged(line: Line) -> tuple[str, str]:
    value = line.reason if line.value is None else f"{line.value:g}"
    return value, {True: "kept", False: "broken", None: "not judged"}[line.ok]
