# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a JSON document, gives its JSON Schema, or all of them as a page for people."""

from __future__ import annotations

import json
from typing import Any

import click

from tinyedge.console import Console, with_console

# Name: where it comes from, and what the type is called.
_DOCUMENTS = {
    "build": ("`build.json`, and `tinyedge build --json`", "build", "Build"),
    "report": ("`report.json`, and `tinyedge test --json`", "judge.record", "Record"),
    "profile": ("`profile.json`, and `tinyedge profile --json`", "judge.profile", "Profile"),
    "matrix": ("`tinyedge matrix --json`", "bench.matrix", "Table"),
    "compare": ("`tinyedge compare --json`", "judge.comparison", "Document"),
}
NAMES = tuple(_DOCUMENTS)


@click.command()
@click.argument("name", metavar="[NAME]", required=False, type=click.Choice(NAMES))
@click.option("--markdown", is_flag=True, help="As docs/json.md has it.")
@with_console
def command(console: Console, name: str | None, markdown: bool) -> None:
    """Print the JSON Schema of a document that tinyedge writes; without NAME, list them.

    NAME is build, report, profile, matrix or compare.
    """
    if name is not None:
        if not console.json:
            console.text(json.dumps(schema(name), indent=1))
        console.finish(schema(name))
        return
    if markdown:
        console.text(document())
    else:
        console.table(("name", "document"), [(key, told) for key, (told, _, _) in _DOCUMENTS.items()])
    console.finish({"schemas": list(NAMES)})


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a document."""
    from importlib import import_module

    from tinyedge import build

    _, module, kind = _DOCUMENTS[name]
    return build.schema(getattr(import_module(f"tinyedge.{module}"), kind))


def document() -> str:
    """Every document's keys as Markdown; what several of them share is told once."""
    lines = [
        "# JSON",
        "",
        "Made by `tinyedge schema --markdown`, and kept true by a test. `tinyedge schema NAME` prints the",
        "JSON Schema (2020-12), which is in `schemas/` too. `version` counts up when a key goes or means",
        "something else; new keys may come without it. `null` is what nobody knows. With `--json` an error",
        'is `{"error": {"kind", "message", "hint", "exit_code"}}`.',
    ]
    shared: dict[str, Any] = {}
    for name, (told, _, _) in _DOCUMENTS.items():
        whole = schema(name)
        shared |= whole.get("$defs", {})
        lines += ["", f"## {name}", "", f"{told}.", "", *_described(whole)]
    for title in sorted(shared):
        lines += ["", f"### {title}", "", *_described(shared[title])]
    return "\n".join(lines)


def _described(table: dict[str, Any]) -> list[str]:
    if "properties" not in table:
        return [f"{_type(table)}."]
    words = " ".join(table.get("description", "").split())
    rows = [f"| `{key}` | {_type(value)} |" for key, value in table["properties"].items()]
    return [*([words, ""] if words else []), "| key | type |", "|---|---|", *rows]


def _type(told: dict[str, Any]) -> str:
    """In words: `integer`, `list of [Layer](#layer)`, `"pass"` or `null`."""
    if "$ref" in told:
        name = told["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in told:
        return " or ".join(_type(one) for one in told["anyOf"])
    if "enum" in told or "const" in told:
        return ", ".join(f"`{json.dumps(value)}`" for value in told.get("enum", [told.get("const")]))
    kind: str = told.get("type", "anything")
    if kind == "array":
        held = told.get("prefixItems") or [told.get("items", {})]
        return f"list of {', '.join(dict.fromkeys(map(_type, held)))}"
    if kind == "object" and "additionalProperties" in told and told["additionalProperties"]:
        return f"object of {_type(told['additionalProperties'])}"
    return kind
