# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schemas are those of the code, and what the code writes is valid by them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests import fake_device
from tests.golden.test_dumps import compare
from tests.profiles import profiled
from tests.replays import judged, replayed
from tinyedge import build
from tinyedge.build import Build, Draft
from tinyedge.judge import record
from tinyedge.judge.profile import Profile
from tinyedge.judge.record import Record

KINDS: dict[str, type[Draft]] = {"build": Build, "report": Record, "profile": Profile}


@pytest.mark.parametrize("name", KINDS)
def test_the_schema_is_the_published_one(name: str) -> None:
    # A key that goes or changes its meaning is a new build.VERSION; a new key is a new golden file alone.
    schema = build.schema(KINDS[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    compare(f"{name}.schema.json", json.dumps(schema, indent=1) + "\n")


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
