# SPDX-License-Identifier: Apache-2.0
"""Takes the values of a command's options, refuses paths that no file has and outputs that are inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from tinyedge import paths, text
from tinyedge.errors import UsageError

_OUTPUTS = ("output", "junit", "markdown", "html", "png")


def check(command: click.Command, values: Mapping[str, Any]) -> None:
    """UsageError where a file that is read, or written by another option, would be written over."""
    named = list(_named(command, values))
    for option, path in named:
        try:
            paths.possible(str(path))
        except ValueError as error:
            raise UsageError(f"{option}: {error}: {text.shown(str(path))}") from error
    written = [(option, path) for option, path in named if option.lstrip("-") in _OUTPUTS]
    if not written:
        return
    read = [pair for pair in named if pair not in written]
    if any(parameter.name == "model" for parameter in command.params):
        read += [("tinyedge.toml", path) for path in _of_project()]
    for i, (option, path) in enumerate(written):
        for other, known in (*read, *written[:i]):
            if _same(path, known):
                what = f"{option} would write over {path}, which {other} names"
                raise UsageError(what, "name another file")


def _named(command: click.Command, values: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Every path, with the option or argument that names it."""
    for parameter in command.params:
        value = values.get(parameter.name or "")
        option = isinstance(parameter, click.Option)
        label = max(parameter.opts, key=len) if option else parameter.human_readable_name
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Path):
                yield label, one


def _of_project() -> Iterator[Path]:
    """What the project of this folder names; nothing where it is damaged, which the command will tell."""
    from tinyedge import project

    try:
        file = project.find()
        known = None if file is None else project.load(file)
    except UsageError:
        return
    if known is None:
        return
    given = [known.file, known.model, known.task.normal if known.task else None]
    for part in (known.calibration, known.replay):
        given += [part.file, part.labels] if part else []
    yield from (path for path in given if path is not None)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other) and (one.is_file() or one.is_dir())
    except OSError:
        return one.absolute() == other.absolute()
