# SPDX-License-Identifier: Apache-2.0
"""Takes an open line, shows what comes until the time is over or Ctrl-C; gives the events."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyedge.build import Build
    from tinyedge.console import Console
    from tinyedge.line.link import Transport

_PAUSE = 0.1  # s without a byte: what has come by then is shown, complete or not
_KEPT = 10_000  # events of the JSON document; more are only shown
_STYLES = {"fault": "bold red", "restart": "yellow", "bytes": "dim"}


def watch(console: Console, pipe: Transport, seconds: float | None, build: Build | None) -> dict[str, Any]:
    """Show events as they come; closes `pipe`. Ctrl-C is the usual end and no error.

    DeviceError when the line is gone.
    """
    from dataclasses import asdict

    from tinyedge.line.monitor import Listener

    listener = Listener(build)
    events: list[dict[str, str]] = []
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        while (left := _PAUSE if deadline is None else deadline - time.monotonic()) > 0:
            data = pipe.read(min(left, _PAUSE))
            for event in listener.feed(data) if data else listener.pause():
                if len(events) < _KEPT:
                    events.append(asdict(event))
                console.say(event.words, style=_STYLES.get(event.kind))
    except KeyboardInterrupt:
        console.say("stopped")
    finally:
        pipe.close()
    if listener.received == 0:
        console.say("no byte came; the firmware speaks when it is spoken to, and after a fault")
    return {"received": listener.received, "events": events}
