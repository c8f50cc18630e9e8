# SPDX-License-Identifier: Apache-2.0
"""The documents in docs/ that are made from the code say what the code says.

TINYEDGE_GOLDEN=write pytest tests/golden  writes them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from tests import surface
from tinyedge import __version__, cli, ops
from tinyedge.commands import blocks, keys, operators, schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE: dict[str, Callable[[], str]] = {
    "blocks.md": lambda: blocks.document(blocks.described()),
    "json.md": schema.document,
    "operators.md": lambda: operators.document(operators.supported()),
    "python.md": surface.document,
    "tinyedge-toml.md": keys.document,
}
WRITTEN = {"rounding.md"}


def held(file: Path, text: str) -> None:
    if os.environ.get("TINYEDGE_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), "TINYEDGE_GOLDEN=write pytest tests/golden"


@pytest.mark.parametrize("name", MADE)
def test_the_document_is_current(name: str) -> None:
    held(DOCS / name, MADE[name]() + "\n")


def test_every_document_is_made() -> None:
    assert {file.name for file in DOCS.glob("*.*")} == set(MADE) | WRITTEN


def test_every_command_has_a_man_page() -> None:
    pages = man_pages()
    for name, text in pages.items():
        held(DOCS / "man" / name, text)
    assert {file.name for file in (DOCS / "man").iterdir()} == set(pages)


def man_pages() -> dict[str, str]:
    """By click-man, which needs to be told of commands that are found by file name, and cuts short help."""
    from click_man.core import generate_man_page

    top = click.Context(cli.group, info_name="tinyedge")
    commands = {name: cli.group.get_command(top, name) for name in cli.group.list_commands(top)}
    found = {name: command for name, command in commands.items() if command is not None}
    for command in found.values():
        command.short_help = (command.help or "").partition("\n")[0]
    whole = click.Group("tinyedge", found, help=cli.group.help, params=cli.group.params)
    whole.short_help = "machine learning on microcontrollers: compile, deploy, replay, judge"
    top = click.Context(whole, info_name="tinyedge")
    contexts = [top, *(click.Context(command, top, name) for name, command in found.items())]
    pages = {}
    for context in contexts:
        page = generate_man_page(context, version=f"tinyedge {__version__}", date=" ")
        pages[f"{context.command_path.replace(' ', '-')}.1"] = page
    return pages


def test_rounding_names_the_operators_that_round_otherwise() -> None:
    told = (DOCS / "rounding.md").read_text(encoding="utf-8")
    differing = re.findall(r"^- ([A-Z0-9_]+) rounds otherwise", told, re.MULTILINE)
    assert differing == [name for name, each in ops.operators().items() if each.tflm_differs]
