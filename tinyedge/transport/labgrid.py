# SPDX-License-Identifier: Apache-2.0
"""Takes labgrid://PLACE, acquires that place until this process ends, gives its serial port's byte pipe.

labgrid (labgrid.org) shares boards among people and machines. It brings a pyserial of its own, so it is
installed in an environment of its own, and its client is run as a command. LG_COORDINATOR says where its
coordinator is, as for any of its programs.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import yaml

from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.transport import serial

SCHEMES = ("labgrid",)
CLIENT = "TINYEDGE_LABGRID_CLIENT"
"""What names labgrid-client, where it is not on PATH."""
_SECONDS = 60.0  # its client takes 2 s on an idle machine
_held: dict[str, str] = {}  # URL of the port, by place


def open_url(url: str, **options: Any) -> serial.Port:
    """As transport.open: acquires the place first, where it is not ours already."""
    return serial.open_url(acquire(url), **options)


def acquire(url: str) -> str:
    """labgrid://PLACE -> the URL of its serial port; the place is released when this process ends.

    ToolMissing without labgrid's client, DeviceError where the place is taken, UsageError where it has no
    serial port on the network.
    """
    place = urlsplit(url).netloc
    if place not in _held:
        _run(place, "acquire")
        atexit.register(_release, place)
        _held[place] = _port(place, _run(place, "env"))
    return _held[place]


def _port(place: str, text: str) -> str:
    try:
        resources = yaml.safe_load(text)["targets"][place]["resources"]
        found = [dict(one["NetworkSerialPort"]) for one in resources if "NetworkSerialPort" in one]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DeviceError(f"labgrid-client describes the place {place} in another way: {error}") from error
    if len(found) != 1:
        raise UsageError(
            f"the labgrid place {place} has {len(found)} serial ports on the network", "it needs one"
        )
    host, port = found[0].get("host"), found[0].get("port")
    if found[0].get("protocol", "rfc2217") == "raw":
        return f"socket://{host}:{port}"
    return f"rfc2217://{host}:{port}?ign_set_control"  # labgrid's exporter runs ser2net


def _run(place: str, what: str) -> str:
    client = os.environ.get(CLIENT) or shutil.which("labgrid-client")
    if client is None:
        raise ToolMissing(
            "labgrid-client is not installed",
            f"in an environment of its own: python3 -m venv labgrid && labgrid/bin/pip install labgrid;"
            f" then PATH, or {CLIENT}=labgrid/bin/labgrid-client",
        )
    try:
        ended = subprocess.run(
            [client, "-p", place, what],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        raise ToolMissing(f"cannot run {client}: {error.strerror}", f"{CLIENT} names it") from error
    except subprocess.TimeoutExpired:
        raise DeviceError(
            f"labgrid's coordinator did not answer in {_SECONDS:.0f} s", "does LG_COORDINATOR name it?"
        ) from None
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or ["it says nothing"]
        raise DeviceError(
            f"labgrid does not {what} the place {place}: {said[-1].strip()}",
            "`labgrid-client places` lists them, `labgrid-client who` says who has them",
        )
    return ended.stdout


def _release(place: str) -> None:
    try:
        _run(place, "release")
    except (DeviceError, ToolMissing):
        return  # the coordinator has gone, and the place with it
