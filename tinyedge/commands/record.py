# SPDX-License-Identifier: Apache-2.0
"""Takes a port on which a sensor's firmware sends samples, gives a recording of them that replays."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.console import Console, with_console

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL.")
@click.option("--output", "-o", type=_FILE, metavar="F.csv", help="The recording.")
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", default=115_200, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=0.1), metavar="S", help="Default: until Ctrl-C.")
@click.option("--label", metavar="L", help="What is going on, in a column of its own.")
@click.option("--c-header", type=_FILE, metavar="F.h", help="Write te_samples.h for your firmware, and end.")
@with_console
def command(
    console: Console,
    port: str | None,
    output: Path | None,
    baud: int,
    seconds: float | None,
    label: str | None,
    c_header: Path | None,
) -> None:
    """Save what a sensor sends: a line a sample, as Edge Impulse's data forwarder takes it, or frames.

    Frames carry 16-bit samples that are too fast for text, such as a microphone's: firmware sends them by
    te_samples.h, which --c-header writes. Channels, rate and lsb are those of [input] in tinyedge.toml;
    without it the rate is measured.
    """
    from dataclasses import asdict

    from tinyedge import paths, project, text, transport
    from tinyedge.bench import taking
    from tinyedge.errors import UsageError
    from tinyedge.transport import serial

    if c_header is not None:
        paths.write_atomic(c_header, (paths.firmware() / "samples" / "te_samples.h").read_bytes())
        console.say(f"wrote {c_header}: include it where the samples are, and call te_samples_send")
        console.finish({"file": str(c_header)})
        return
    if port is None or output is None:
        raise UsageError("a recording needs a port and a file", "give -p PORT and -o F.csv")
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
