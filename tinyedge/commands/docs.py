# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a document, gives its text; without one, where they are, for those without a network."""

from __future__ import annotations

import click

from tinyedge.console import Console, with_console


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@with_console
def command(console: Console, name: str | None) -> None:
    """Print a document that came with tinyedge: blocks, json, operators ...; without NAME, list them."""
    from tinyedge import paths
    from tinyedge.errors import UsageError

    found = {file.stem: file for file in paths.docs().glob("*.md")}
    found = dict(sorted({**found, "boards": paths.boards() / "README.md"}.items()))
    if name is None:
        rows = [(stem, _title(file.read_text(encoding="utf-8"))) for stem, file in found.items()]
        console.table(("name", "what it is"), rows)
        console.say(f"in {paths.docs()}")
        console.finish({"folder": str(paths.docs()), "documents": list(found)})
        return
    if name.removesuffix(".md") not in found:
        raise UsageError(f"there is no document {name!r}", f"there are {', '.join(found)}")
    text = found[name.removesuffix(".md")].read_text(encoding="utf-8")
    console.text(text)
    console.finish({"name": name.removesuffix(".md"), "text": text})


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")
