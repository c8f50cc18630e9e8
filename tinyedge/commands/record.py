# SPDX-License-Identifier: Apache-2.0
"""Takes a port on which a sensor's firmware prints samples, gives a recording of them that replays."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.console import Console, with_console


@click.command()
@click.option("--port", "-p", metavar="PORT", required=True, help="Device, glob, VID:PID or URL.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="F.csv", required=True
)
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", default=115_200, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=0.1), metavar="S", help="Default: until Ctrl-C.")
@click.option("--label", metavar="L", help="What is going on, in a column of its own.")
@with_console
def command(
    console: Console, port: str, output: Path, baud: int, seconds: float | None, label: str | None
) -> None:
    """Save what a sensor sends: a line a sample, as Edge Impulse's data forwarder takes it.

    Channels and rate are those of [input] in tinyedge.toml; without it the rate is measured.
    """
    from dataclasses import asdict

    from tinyedge import project, text, transport
    from tinyedge.bench import taking
    from tinyedge.errors import UsageError
    from tinyedge.transport import serial

    if output.suffix.lower() != ".csv":
        raise UsageError(f"{output} is not called .csv", "a recording of lines is a CSV file")
    file = project.find()
    signal = project.Input() if file is None else project.load(file).input
    for what, name in (("label", label), *(("channel", channel) for channel in signal.channels or ())):
        if name is not None and (not name.isprintable() or set(name) & set('",;')):
            raise UsageError(f"the {what} {name!r} does not fit into a cell", "choose a plain word")
    pipe = transport.open(port if "://" in port else serial.resolve(port), baud=baud)
    console.say(f"recording {pipe.name}; Ctrl-C ends it")
    try:
        with console.progress("recording rows") as advance:
            taken = taking.take(pipe, output, signal, label, seconds, advance)
    finally:
        pipe.close()
    for warning in taken.warnings:
        console.warn(warning)
    console.say(
        f"{output}: {taken.rows:,} rows of {text.listed(taken.channels)} at {text.hertz(taken.rate_hz, 6)}"
        f" (measured {text.hertz(taken.measured_hz)})"
    )
    console.finish({"file": str(output), **asdict(taken)})
