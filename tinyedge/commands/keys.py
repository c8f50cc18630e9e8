# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the keys of tinyedge.toml with what each means, as the code that reads them has it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from pydantic import BaseModel


@click.command()
@click.option("--markdown", is_flag=True, help="As docs/tinyedge-toml.md has it.")
@with_console
def command(console: Console, markdown: bool) -> None:
    """Show every key of tinyedge.toml, with an example and what it means."""
    console.text(document() if markdown else example())
    console.finish({"tables": keys()})


def example() -> str:
    """A tinyedge.toml with every key, as project.py describes them."""
    from tinyedge import project

    words = inspect.getdoc(project) or ""
    lines = words.splitlines()
    return "\n".join(
        line.removeprefix("    ") for line in lines if line.startswith("    ") or not line
    ).strip()


def keys() -> dict[str, list[str]]:
    """Table -> its keys, in the order that they are read; "" is the top of the file."""
    from tinyedge import project

    tables: dict[str, type[BaseModel]] = {
        "": project.Project,
        "calibration": project.Calibration,
        "replay": project.Replay,
        "input": project.Input,
        "recording": project.Columns,
        "task": project.Task,
        "budget": project.Budget,
    }
    own = {"": {"file", *tables}}  # the file itself, and what is a table
    return {
        name: [key for key in table.model_fields if key not in own.get(name, ())]
        for name, table in tables.items()
    }


def document() -> str:
    """The list as Markdown."""
    lines = ["# tinyedge.toml", "", "Made by `tinyedge keys --markdown`, and kept true by a test.", ""]
    lines += ["```toml", example(), "```", "", "| table | keys |", "|---|---|"]
    lines += [
        f"| {f'`[{name}]`' if name else 'top'} | {', '.join(f'`{key}`' for key in found)} |"
        for name, found in keys().items()
    ]
    lines += [
        "",
        "`[[preprocess]]` and `[[postprocess]]` have `block` and its own keys: [blocks.md](blocks.md).",
        "`[budget.BOARD]` has the keys of `[budget]` for one board. Paths start at the file's folder.",
    ]
    return "\n".join(lines)
