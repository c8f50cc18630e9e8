# SPDX-License-Identifier: Apache-2.0
"""Takes a Report and its picture, gives one HTML page that needs no other file."""

from __future__ import annotations

import base64

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tinyedge import paths
from tinyedge.judge.report import Report


def render(report: Report, picture: bytes) -> str:
    """HTML text; every value is escaped. picture: PNG bytes."""
    environment = Environment(
        loader=FileSystemLoader(paths.templates()),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    image = base64.b64encode(picture).decode()
    return environment.get_template("report.html.j2").render(report=report, build=report.build, image=image)
