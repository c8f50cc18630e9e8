# SPDX-License-Identifier: Apache-2.0
"""Takes the values of a command's options, refuses paths that no file has and outputs that are inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyedge import paths, text
from tinyedge.errors import UsageError

if TYPE_CHECKING:
    from tinyedge.project import Project

_OUTPUTS = ("output", "junit", "markdown", "html", "png")


def check(command: click.Command, values: Mapping[str, Any]) -> None:
    """UsageError where a file that is read, or written by another option, would be written over."""
    named = list(_named(command, values))
    for option, path in named:
        try:
            paths.possible(str(path))
        except ValueError as error:
            raise UsageError(f"{option}: {error}: {text.shown(str(path))}") from error
    written = [pair for pair in named if _writes(pair[0])]
    read = [pair for pair in named if pair not in written]
    for i, pair in enumerate(written):
        _spare(pair, [*read, *written[:i]])


def spare(project: Project) -> None:
    """UsageError where the running command would write over what `project` names."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    given = [project.file, project.model, project.task.normal if project.task else None]
    for part in (project.calibration, project.replay):
        given += [part.file, part.labels] if part else []
    read = [("tinyedge.toml", path) for path in given if path is not None]
    for pair in _named(context.command, context.params):
        if _writes(pair[0]):
            _spare(pair, read)


def _writes(option: str) -> bool:
    return option.lstrip("-") in _OUTPUTS


def _spare(written: tuple[str, Path], read: Iterable[tuple[str, Path]]) -> None:
    option, path = written
    for other, known in read:
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


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other) and (one.is_file() or one.is_dir())
    except OSError:
        return one.absolute() == other.absolute()
