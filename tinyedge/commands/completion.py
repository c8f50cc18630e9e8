# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a shell, gives the lines that make it complete tinyedge's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tinyedge.console import COMPLETE, Console, with_console


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_console
def command(console: Console, shell: str) -> None:
    """Print what SHELL needs to complete commands and options.

    Bash, in ~/.bashrc: eval "$(tinyedge completion bash)"
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click's own
    lines = kind(click.Group("tinyedge"), {}, "tinyedge", COMPLETE).source()
    if not console.json:
        click.echo(lines)
    console.finish({"shell": shell, "source": lines})
