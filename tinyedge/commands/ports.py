# SPDX-License-Identifier: Apache-2.0
"""Takes nothing, gives the serial ports of this machine and the boards that they may be."""

from __future__ import annotations

import click

from tinyedge.console import Console, with_console


@click.command()
@with_console
def command(console: Console) -> None:
    """List what is plugged in, and which board each port may be."""
    from dataclasses import asdict

    from tinyedge.bench import ports

    found = ports.plugged()
    if found:
        columns = ("port", "VID:PID", "what it says it is", "serial number", "may be")
        rows = []
        for port in found:
            words = (port.description or None, port.serial_number, ", ".join(port.boards) or None)
            rows.append((port.device, port.usb, *words))
        console.table(columns, rows)
    else:
        console.say("no serial port is plugged in")
    console.finish({"ports": [asdict(port) for port in found]})
