# SPDX-License-Identifier: Apache-2.0
"""Takes a recording, gives what the stages before the model make of it, as data to train a model with."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.commands._job import with_trust
from tinyedge.console import Console, with_console

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("recording", metavar="REC", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="F.npz", required=True
)
@click.option("--labels", type=click.Path(path_type=Path, dir_okay=False), metavar="L", help="Labels of REC.")
@with_trust
@with_console
def command(console: Console, recording: Path, output: Path, labels: Path | None, trust: bool) -> None:
    """Run the [[preprocess]] of tinyedge.toml over REC, by the same C that a board runs."""
    from tinyedge import project
    from tinyedge.bench import features
    from tinyedge.errors import UsageError

    file = project.find()
    if file is None:
        raise UsageError(
            "there is no tinyedge.toml in this folder",
            "say there what the samples pass before the model: [input] and [[preprocess]]",
        )
    made = features.of_project(file, recording, labels, observer=console, trust=trust)
    made.write(output)
    shape = list(made.values.shape)
    console.say(f"{output}: x {shape}" + (f", y, classes {', '.join(made.classes)}" if made.classes else ""))
    console.finish({"file": str(output), "shape": shape, "classes": made.classes, "notes": made.notes})
