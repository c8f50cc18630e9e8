# SPDX-License-Identifier: Apache-2.0
"""Takes a Report, gives JUnit XML: one test case a limit, so that a CI server shows which one broke."""

from __future__ import annotations

from dataclasses import asdict
from xml.etree import ElementTree as xml

from tinyedge import text
from tinyedge.judge.budget import Line
from tinyedge.judge.report import Report


def render(report: Report) -> bytes:
    """A broken limit is a failure, one that nobody can judge an error; no clock, so no times."""
    build = report.build
    suite = xml.Element("testsuite", name=text.xml(f"tinyedge {build.model.name} {build.board}"))
    suite.set("tests", str(len(report.budgets)))
    suite.set("failures", str(sum(line.ok is False for line in report.budgets)))
    suite.set("errors", str(sum(line.ok is None for line in report.budgets)))
    properties = xml.SubElement(suite, "properties")
    for key, value in _properties(report):
        xml.SubElement(properties, "property", name=key, value=text.xml(value))
    for line in report.budgets:
        case = xml.SubElement(suite, "testcase", classname=suite.get("name", ""), name=line.name)
        if not line.ok:
            kind = "error" if line.ok is None else "failure"
            xml.SubElement(case, kind, message=text.xml(_message(report, line)), type=line.name)
    xml.indent(suite)
    whole: bytes = xml.tostring(suite, encoding="utf-8", xml_declaration=True)
    return whole + b"\n"


def _properties(report: Report) -> list[tuple[str, str]]:
    build, latency = report.build, report.latency
    return [
        ("verdict", report.verdict),
        ("tool", build.tool.version),
        ("model", build.model.sha256),
        ("build", build.image.build_id),
        ("frames", str(report.replay.frames)),
        *((f"{latency.unit}_{which}", f"{getattr(latency, which):g}") for which in ("p50", "p99", "max")),
        *((name, str(value)) for name, value in asdict(report.memory).items() if value is not None),
    ]


def _message(report: Report, line: Line) -> str:
    if line.ok is None:
        return f"not judged: {line.reason}"
    if line.name == "bit_exact":
        exact = report.bit_exact
        return f"{exact.mismatches} output elements differ; {exact.first_layer}"
    return f"{line.name} is {line.value:g}, the limit {line.limit:g}"
