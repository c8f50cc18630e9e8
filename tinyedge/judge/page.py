# SPDX-License-Identifier: Apache-2.0
"""Takes a Report and its picture, gives one HTML page that needs no other file."""

from __future__ import annotations

import base64

from tinyedge import text
from tinyedge.judge import detection
from tinyedge.judge.report import Report
from tinyedge.text import template


def render(report: Report, picture: bytes) -> str:
    """HTML text; every value is escaped. picture: PNG bytes."""
    image = text.word(base64.b64encode(picture).decode())
    confused = None if report.detection is None else detection.confused(report.detection)
    return template.render(
        "report.html.j2", report=report, build=report.build, image=image, confused=confused
    )
