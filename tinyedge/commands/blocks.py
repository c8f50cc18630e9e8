# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the blocks of signal processing: what each does and its keys, as the code has it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import click

from tinyedge.console import Console, with_console

EXPLANATION = (
    "Blocks before a network stand in [[preprocess]] of tinyedge.toml, those behind it in [[postprocess]]."
)
PLACES = {"before": "before the network", "behind": "behind the network", "either": "on either side"}


@dataclass(frozen=True)
class Key:
    """A key of a block's table: what it may be, and what it is where it is not given."""

    name: str
    type: str
    default: str


@dataclass(frozen=True)
class Description:
    """A block: its place, its module's words, what keys mean, the keys, shapes in and out, its bound."""

    name: str
    place: str
    text: str
    meaning: str
    shapes: str
    bound: str
    keys: tuple[Key, ...]


@click.command()
@click.option("--markdown", is_flag=True, help="As docs/blocks.md has it.")
@with_console
def command(console: Console, markdown: bool) -> None:
    """List the blocks of signal processing and their keys."""
    found = described()
    if markdown:
        console.text(document(found))
    else:
        rows = [
            (block.name, PLACES[block.place], _first(block.text), ", ".join(key.name for key in block.keys))
            for block in found
        ]
        console.table(("block", "place", "does", "keys"), rows)
        console.say(EXPLANATION)
    console.finish({"blocks": [asdict(block) for block in found]})


def described() -> list[Description]:
    """Every block, those before a network first, by name."""
    from tinyedge import blocks

    found = []
    for name in blocks.names():
        block = blocks.lookup(name)
        module = importlib.import_module(f"{blocks.__name__}.{name}")
        schema = block.parameters.model_json_schema()
        required = schema.get("required", ())
        keys = tuple(
            Key(key, _type(entry), "" if key in required else _literal(entry.get("default")))
            for key, entry in schema.get("properties", {}).items()
        )
        text, meaning, shapes = (
            inspect.getdoc(thing) or "" for thing in (module, block.parameters, block.append)
        )
        found.append(Description(name, block.place, text, meaning, shapes, block.bound, keys))
    return sorted(found, key=lambda block: (list(PLACES).index(block.place), block.name))


def _type(entry: Mapping[str, Any]) -> str:
    """A JSON Schema in words."""
    if "anyOf" in entry:
        return " or ".join(_type(way) for way in entry["anyOf"] if way.get("type") != "null")
    if "enum" in entry or "const" in entry:
        return ", ".join(_literal(value) for value in entry.get("enum", [entry.get("const")]))
    if entry.get("type") == "array":
        each = entry.get("items") or entry["prefixItems"][0]
        pair = "two" if entry.get("maxItems") == 2 else ""
        return f"[{pair or 'some'} of: {_type(each)}]"
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
    limits = (("minimum", ">="), ("exclusiveMinimum", ">"), ("maximum", "<="), ("exclusiveMaximum", "<"))
    bounds = [f"{sign} {entry[key]:g}" for key, sign in limits if key in entry]
    return " ".join([words[entry["type"]], ", ".join(bounds)]).strip()


def _literal(value: object) -> str:
    """A default as TOML has it; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _first(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ")


def document(found: list[Description]) -> str:
    """The list as Markdown."""
    lines = [
        "# Blocks of signal processing",
        "",
        f"{len(found)} of them; made by `tinyedge blocks --markdown`, and kept true by a test.",
        EXPLANATION,
        "The bound is how far one may be from its reference, in steps of its output. test_blocks.py,",
        "test_spectra.py, test_samples.py and test_decisions.py in tests/host hold it to that, and",
        "`python -m tests.kept_back` on signals of the day. `tinyedge check` says what it costs.",
    ]
    for place, title in PLACES.items():
        lines += ["", f"## {title.capitalize()}"]
        for block in found:
            if block.place == place:
                lines += ["", f"### {block.name}", "", block.text, "", *_keys(block)]
                lines += ["", f"Shapes: {' '.join(block.shapes.split())}", "", f"Bound: {block.bound}."]
    return "\n".join(lines)


def _keys(block: Description) -> list[str]:
    if not block.keys:
        return [block.meaning]
    rows = [f"| `{key.name}` | {key.type} | {key.default or 'needed'} |" for key in block.keys]
    return [block.meaning, "", "| key | is | if not given |", "|---|---|---|", *rows]
