# SPDX-License-Identifier: Apache-2.0
"""What set-up installs is pinned with hashes, and what we give away says what is in it."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests import hostile
from tinyedge.toolchain import bill
from tinyedge.toolchain.bill import Contents

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements-build.txt", "requirements.txt", "requirements-no-deps.txt")
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;]+)[^\n\\]*((?: *\\\n +--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(file: str) -> dict[str, str]:
    return {
        _plain(name): version for name, version, _ in _PIN.findall((ROOT / file).read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("file", LOCKS)
def test_everything_has_one_version_and_hashes(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").split("\n")
    named = [line for line in lines if line and not line.startswith(("#", " "))]
    assert named and len(_pins(file)) == len(named)


def test_the_lock_is_of_today() -> None:
    """`scripts/lock` was run after the last change of pyproject.toml or constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for each in project["optional-dependencies"].values() for line in each),
    ]
    pins = _pins("requirements.txt")
    for requirement in wanted:
        name = _plain(re.split(r"[\[<>=!~; ]", requirement)[0])
        assert name == "tinyedge" or name in pins, f"{name} is not locked: run scripts/lock"
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    chosen = dict(line.split("==") for line in constraints if "==" in line)
    for name, version in chosen.items():
        for file in LOCKS:
            assert _pins(file).get(_plain(name), version) == version, f"{name}: run scripts/lock"


def test_set_up_installs_nothing_without_a_hash() -> None:
    script = (ROOT / "scripts" / "setup").read_text(encoding="utf-8")
    installs = [line for line in script.split("\n") if line.strip().startswith('"${pip[@]}"')]
    assert len(installs) == 4
    assert all("--require-hashes" in line or line.endswith("--no-deps -e .") for line in installs)


def _contents(name: str) -> Contents:
    files = {path: hashlib.sha256(path.encode()).hexdigest() for path in ("src/x.c", "firmware.elf")}
    return Contents(name, "1.0.0", True, name, "ab" * 32, f"cc {name}", files)


def test_a_bill_is_valid_cyclonedx_and_lists_all_files() -> None:
    text = bill.render(_contents("net"))
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    document = json.loads(text)
    named = {part["name"]: part for part in document["components"]}
    digest = named["src/x.c"]["hashes"]
    assert digest == [{"alg": "SHA-256", "content": hashlib.sha256(b"src/x.c").hexdigest()}]
    assert named["net"]["type"] == "machine-learning-model" and "firmware.elf" in named
    assert named["tinyedge kernels and runtime"]["licenses"] == [{"expression": "Apache-2.0"}]


def test_a_bill_holds_any_name_and_is_the_same_every_time() -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    for name in hostile.some(hostile.names(300), 20):
        text = bill.render(_contents(name))
        assert text == bill.render(_contents(name)) and validator.validate_str(text) is None
        assert json.loads(text)["metadata"]["component"]["name"] == name
    assert "timestamp" not in text
