# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schemas are those of the code, and what the code writes is valid by them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import jsonschema
import pytest

from tests import fake_device
from tests.golden.test_documents import DOCS, held
from tests.profiles import profiled
from tests.replays import judged, replayed
from tinyedge import build
from tinyedge.bench import matrix
from tinyedge.bench.matrix import Cell
from tinyedge.build import Build, Draft
from tinyedge.commands import schema
from tinyedge.judge import comparison, record
from tinyedge.judge.profile import Profile
from tinyedge.judge.record import Record

KINDS: dict[str, type[Draft]] = {"build": Build, "report": Record, "profile": Profile}


@pytest.mark.parametrize("name", schema.NAMES)
def test_the_schema_is_the_published_one(name: str) -> None:
    # A key that goes or changes its meaning is a new build.VERSION; a new key is a new golden file alone.
    found = schema.schema(name)
    jsonschema.Draft202012Validator.check_schema(found)
    held(DOCS / "schemas" / f"{name}.schema.json", json.dumps(found, indent=1) + "\n")


def test_every_schema_is_told() -> None:
    assert {file.name for file in (DOCS / "schemas").iterdir()} == {f"{n}.schema.json" for n in schema.NAMES}


@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_is_valid_and_read_again(name: str, tmp_path: Path) -> None:
    reports = [
        judged(replayed(wrong=3), flash=1, accuracy_drop=0.1),
        judged(replayed(judged=False)),
        judged(replayed(frames=2)),
    ]
    values: dict[str, list[Draft]] = {
        "build": [fake_device.build()],
        "report": [record.of(report) for report in reports],
        "profile": [profiled()],
    }
    checker = jsonschema.Draft202012Validator(build.schema(KINDS[name]))
    for value in values[name]:
        file = tmp_path / f"{name}.json"
        build.write(file, value)
        checker.validate(json.loads(file.read_text(encoding="utf-8")))
        assert build.read(file, KINDS[name], "missing") == value


def test_what_commands_print_alone_is_valid() -> None:
    known = record.of(judged(replayed()))
    cells = [
        Cell("m", "b", "built", 0, "", flash=9),
        Cell("m", "c", "fail", 1, "bits", 4, 3, 0.5, "cycles", 7.0),
    ]
    compared = comparison.compare(known, known, comparison.Policy())
    printed = {"matrix": asdict(matrix.table(cells)), "compare": asdict(comparison.document(compared))}
    for name, document in printed.items():
        value = json.loads(json.dumps(document))
        jsonschema.Draft202012Validator(schema.schema(name)).validate(value)
        value["another"] = 1  # the schema is closed
        assert not jsonschema.Draft202012Validator(schema.schema(name)).is_valid(value)
