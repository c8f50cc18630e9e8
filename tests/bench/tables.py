# SPDX-License-Identifier: Apache-2.0
"""Takes benchmark rows, gives RESULTS.md; without wall times, so that the same code gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.bench import cycles
from tinyedge import board as boards

if TYPE_CHECKING:
    from tests.bench.bench import Row

FUNCTIONS = 8
"""How many functions a profile lists."""

HEAD = """# Benchmark

Made by `make bench`: do not edit. Instructions per inference are exact counts under QEMU with the default
LLVM toolchain. Cycles are **predicted**, measured on no chip: those counts by a model of the core, for memory
without wait states; each board's table names the model's source. What peers need is from peers.toml; their
code is without any link, ours holds link, runtime and harness. Of the 2,738 channels of vww 1,696 make no
difference to any output, and tinyedge leaves them out: its MACs, weights and instructions are of the others.
"""
COLUMNS = (
    "model",
    "optimize",
    "instructions",
    "predicted cycles",
    "per MAC",
    "peer",
    "ratio",
    "arena",
    "bound",
    "peer",
    "stack seen",
    "bound",
    "flash but weights",
    "peer",
    "weights",
    "total flash",
)


def render(rows: Sequence[Row], peers: Mapping[str, Any], known: str = "") -> str:
    """All tables as Markdown; those of boards that `rows` lack as the text `known` has them."""
    sections = {found.split(":")[0]: found for found in known.split("\n## ")[1:]}
    sections |= {found.split(":")[0]: found for found in _sections(rows, peers).split("\n## ")[1:]}
    return "\n## ".join((HEAD, *(found.rstrip("\n") + "\n" for found in sections.values())))


def _sections(rows: Sequence[Row], peers: Mapping[str, Any]) -> str:
    text = [""]
    for board in dict.fromkeys(row.board for row in rows):
        mine = [row for row in rows if row.board == board]
        text += [f"## {board}: {boards.load(board).description}", ""]
        text += [*_table(COLUMNS, [_figures(row, peers) for row in mine], left=2), ""]
        by = peers.get(boards.load(board).core.name, {}).get("by")
        text += [*([f"Peer: {by}.", ""] if by else []), *_source(board)]
        text += ["Flash by part, bytes:", "", *_parts(mine), ""]
        for row in mine:
            if row.optimize == "speed":
                text += [f"{row.model}, optimised for speed:", "", *_profile(row), ""]
    return "\n".join(text)


def _source(board: str) -> list[str]:
    model = cycles.MODELS.get(boards.load(board).core.name)
    if model is None:
        return []
    text = [f"Predicted cycles: {model.source}.", ""]
    if model.published:
        listed = ", ".join(f"{name} {_count(value)}" for name, value in model.published.items())
        text += [f"Published cycles, {model.by}: {listed}.", ""]
    return text


def line(row: Row, peers: Mapping[str, Any]) -> str:
    """The line of a row in its board's first table."""
    return _table((), [_figures(row, peers)], left=0)[-1]


def line_of(text: str, row: Row) -> str:
    """The line that RESULTS.md, whose `text` is given, has of the same model; empty where it has none."""
    _, _, section = text.partition(f"\n## {row.board}:")
    lines = section.partition("\n## ")[0].splitlines()
    return next((known for known in lines if known.startswith(f"| {row.model} | {row.optimize} |")), "")


def _figures(row: Row, peers: Mapping[str, Any]) -> list[str]:
    known: Mapping[str, int] = peers.get(boards.load(row.board).core.name, {}).get(row.model, {})
    theirs = known.get("instructions")
    flash, ram = row.build.flash, row.build.ram
    return [
        row.model,
        row.optimize,
        _count(row.instructions),
        " to ".join(map(_count, row.cycles)) or "-",
        f"{row.instructions / row.macs:.2f}",
        _count(theirs),
        f"{row.instructions / theirs:.2f}" if theirs else "-",
        _count(ram.arena),
        _count(ram.arena_lower_bound),
        _count(known.get("arena")),
        _count(row.stack_high_water),
        _count(ram.stack_bound),
        _count(flash.code),
        _count(known.get(row.optimize)),
        _count(flash.weights),
        _count(flash.total),
    ]


def _parts(rows: Sequence[Row]) -> list[str]:
    parts = sorted({part for row in rows for part in row.build.flash.parts})
    cells = [
        [
            row.model,
            row.optimize,
            *(_count(row.build.flash.parts.get(part, 0)) for part in parts),
            _count(row.build.flash.total),
        ]
        for row in rows
    ]
    return _table(["model", "optimize", *parts, "total"], cells, left=2)


def _profile(row: Row) -> list[str]:
    top = list(row.functions.items())[:FUNCTIONS]
    cells = [[name, _count(count), f"{count / row.instructions:.1%}"] for name, count in top]
    return _table(["function", "instructions", "share"], cells, left=1)


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def cells(line: str) -> list[str]:
    """What is in a line of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> list[str]:
    rule = ["---"] * left + ["--:"] * (len(head) - left)
    return [row(*cells) for cells in (head, rule, *rows)]


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
