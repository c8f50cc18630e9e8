# SPDX-License-Identifier: Apache-2.0
"""Takes two builds or reports, shows what changed, and fails where it is a regression."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.judge.comparison import Change

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("before", metavar="A", type=_PATH)
@click.argument("after", metavar="B", type=_PATH)
@click.option("--policy", type=_PATH, metavar="F", help="TOML: by how much each figure may get worse.")
@click.option("--markdown", type=_PATH, metavar="F", help="Write the table for a pull request.")
@with_console
def command(console: Console, before: Path, after: Path, policy: Path | None, markdown: Path | None) -> int:
    """Compare B with A: build.json, report.json, or folders with one. Exit with 1 on a regression."""
    from dataclasses import asdict

    from tinyedge import paths
    from tinyedge.errors import CheckFailed
    from tinyedge.judge import comparison, record
    from tinyedge.judge.markdown import table

    rules = comparison.Policy() if policy is None else comparison.read_policy(policy)
    found = comparison.compare(record.read_any(before), record.read_any(after), rules)
    rows = [_row(change) for change in found.changes]
    columns = ("", "before", "after", "change", "")
    console.table(columns, rows, f"{after} against {before}")
    for note in found.notes:
        console.say(f"note: {note}")
    document = comparison.document(found)
    verdict = document.verdict
    for change in found.regressions:
        console.say(f"regression: {_sentence(change)}", style="red")
    console.say(f"verdict: {verdict}", style="bold red" if found.regressions else "bold green")
    if markdown is not None:
        notes = "".join(f"\n- {escaped}" for escaped in map(_escaped, found.notes))
        text = f"### tinyedge compare: {verdict}\n\n{table(columns, rows, 'lrrrl')}\n{notes}\n"
        paths.write_atomic(markdown, text)
    console.finish(asdict(document))
    return CheckFailed.exit_code if found.regressions else 0


def _row(change: Change) -> tuple[str, str, str, str, str]:
    difference = ""
    if change.before is not None and change.after is not None:
        moved = change.after - change.before
        share = f" ({moved / change.before:+.1%})" if change.before else ""
        difference = f"{_number(moved, '+')}{share}" if moved else "0"
    return change.name, _known(change.before), _known(change.after), difference, change.outcome


def _sentence(change: Change) -> str:
    if change.after is None:
        return f"{change.name} is no longer known; it was {_known(change.before)}"
    return (
        f"{change.name} is {_known(change.after)}, was {_known(change.before)},"
        f" and may get worse by {_known(change.allowed)}"
    )


def _known(value: float | None) -> str:
    return "not known" if value is None else _number(value)


def _number(value: float, sign: str = "") -> str:
    return f"{value:{sign},.0f}" if float(value).is_integer() else f"{value:{sign}.4f}"


def _escaped(text: str) -> str:
    from tinyedge.text import markdown

    return str(markdown(text))
