# SPDX-License-Identifier: Apache-2.0
"""Options: a value that is none of a field's choices goes no further than where it enters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinyedge import cli, paths, project
from tinyedge.commands import _job
from tinyedge.errors import UsageError
from tinyedge.options import CHOICES, DEFAULT, Options

WRONG = (
    ("optimize", "Speed"),
    ("optimize", ""),
    ("optimize", None),
    ("rounding", "TFLM"),
    ("rounding", ["litert"]),
)


def test_the_defaults_are_the_first_choices() -> None:
    assert Options() == DEFAULT == Options(CHOICES["optimize"][0], CHOICES["rounding"][0], None)  # type: ignore[arg-type]


def test_nothing_said_means_balanced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Python, in a project, on the command line, and in what `init` writes."""
    monkeypatch.chdir(tmp_path)
    given = _job.resolve(Path("m.tflite"), None, None, None, None)
    (tmp_path / project.FILE_NAME).write_text('rounding = "tflm"\n', encoding="utf-8")
    known = _job.resolve(Path("m.tflite"), None, None, None, None)
    assert Options().optimize == given.options.optimize == known.options.optimize == "balanced"
    init = paths.templates() / "init" / project.FILE_NAME
    assert project.load(init).options == Options("balanced")


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_python_is_told_the_value_and_the_choices(field: str, value: Any) -> None:
    with pytest.raises(UsageError) as error:
        Options(**{field: value})
    assert str(error.value) == f"{field} is {value!r}"
    assert all(f'"{choice}"' in error.value.hint for choice in CHOICES[field])


@pytest.mark.parametrize("value", ["", " ", 3])
def test_a_compiler_has_a_name(value: Any) -> None:
    with pytest.raises(UsageError, match=r"compiler is "):
        Options(compiler=value)


@pytest.mark.parametrize(("field", "value"), [("optimize", "Speed"), ("rounding", "TFLM")])
def test_a_project_and_a_command_know_the_same_choices(
    field: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tinyedge.toml"
    file.write_text(f'{field} = "{value}"\n', encoding="utf-8")
    with pytest.raises(UsageError) as error:
        project.load(file)
    with pytest.raises(SystemExit) as end:
        cli.main(["check", "m.tflite", f"--{field}", value])
    assert end.value.code == 2
    for words in (str(error.value), capsys.readouterr().err):
        assert value in words and all(f"'{choice}'" in words for choice in CHOICES[field])
