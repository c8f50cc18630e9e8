# SPDX-License-Identifier: Apache-2.0
"""Takes a serial port (device, glob, VID:PID or rfc2217://HOST:PORT), gives its byte pipe."""

from __future__ import annotations

import contextlib
import errno
import glob
import re
import sys
import time
from pathlib import Path

import serial
from serial.tools import list_ports

from tinyedge.errors import DeviceError, UsageError
from tinyedge.transport import PORT

SCHEMES = (PORT, "rfc2217")
BAUD = 115200
_POLL = 0.02  # s that one call waits for the first byte
_RESET = 0.1  # s that the reset line is low; esptool takes the same
_WRITE = 10.0  # s that sending may stall, beyond the time that the bytes take at this baud rate
_USB = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")


class Port:
    """An open serial port, 8N1 without flow control."""

    def __init__(self, device: str, baud: int) -> None:
        self.name = device
        self.baud = baud
        try:
            # pyserial sets up the whole port anew when its time limit changes, in 0.2 s over RFC 2217: so the
            # limit is short and stays as it is.
            self._port = serial.serial_for_url(device, baudrate=baud, timeout=_POLL, do_not_open=True)
            if "://" not in device:  # pyserial's RFC 2217 refuses both, and its socket has a limit of its own
                self._port.write_timeout = _WRITE
                # Windows never shares a port; elsewhere two programs would each get half of the bytes.
                self._port.exclusive = None if sys.platform == "win32" else True
            self._port.open()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise _cannot_open(device, error) from error

    @property
    def bytes_per_second(self) -> float | None:
        """As link.Transport."""
        return self.baud / 10  # start bit, eight bits, stop bit

    def retune(self, baud: int) -> None:
        """As link.Tunable; what arrived at the old rate is dropped."""
        try:
            self._port.baudrate = baud
            self._port.reset_input_buffer()
        except (OSError, ValueError) as error:
            raise DeviceError(f"{self.name} does not do {baud} bit/s") from error
        self.baud = baud

    def restart(self) -> None:
        """Pull the chip's reset line for a moment, as esptool does: RTS is that line, DTR the boot pin.

        A line that has no modem signals (a pseudo-terminal) is left as it is.
        """
        with contextlib.suppress(OSError, ValueError):
            self._port.dtr = False
            self._port.rts = True
            time.sleep(_RESET)
            self._port.rts = False

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        try:
            deadline = time.monotonic() + timeout
            while True:
                waiting = self._port.in_waiting
                left = deadline - time.monotonic()
                data: bytes = self._port.read(waiting or 1) if waiting or left > 0 else b""
                if data or left <= 0:
                    return data
        except (OSError, TypeError) as error:  # TypeError: pyserial, when the port was closed under it
            raise self._gone() from error

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise DeviceError(
                f"{self.name} has taken no bytes for {_WRITE:g} s", "unplug the board and plug it in again"
            ) from error
        except OSError as error:
            raise self._gone() from error

    def close(self) -> None:
        """As link.Transport."""
        with contextlib.suppress(OSError):
            self._port.close()

    def _gone(self) -> DeviceError:
        return DeviceError(
            f"{self.name} has gone", "was the board unplugged, or did it restart its USB port?"
        )


def open_url(url: str, baud: int | None = None, reset: str | None = None, **options: object) -> Port:
    """Open the one port that `url` means, at `baud` bit/s; with `reset`, start the firmware anew."""
    port = Port(resolve(url), baud or BAUD)
    if reset is not None:
        port.restart()
    return port


def require(device: str) -> None:
    """DeviceError with the usual causes when a device cannot be opened, before another program tries."""
    if "://" not in device:
        Port(device, BAUD).close()


def resolve(wanted: str) -> str:
    """The one port that a device name, a glob or a VID:PID means; a URL is what it is.

    DeviceError when nothing matches, UsageError when several ports do.
    """
    if "://" in wanted:
        return wanted
    if _USB.fullmatch(wanted):
        vendor, product = (int(part, 16) for part in wanted.split(":"))
        found = sorted(p.device for p in list_ports.comports() if (p.vid, p.pid) == (vendor, product))
    elif glob.has_magic(wanted):
        found = sorted(glob.glob(wanted))  # noqa: PTH207 (absolute patterns, which Path.glob refuses)
    else:
        return wanted
    if not found:
        raise DeviceError(f"no port matches {wanted}", _there())
    if len(found) > 1:
        raise UsageError(f"{wanted} matches {len(found)} ports: {', '.join(found)}", "name one of them")
    device: str = found[0]
    return device


def _there() -> str:
    ports = sorted(port.device for port in list_ports.comports())
    return f"ports here: {', '.join(ports)}" if ports else "no serial port is plugged in"


def _cannot_open(device: str, error: OSError | ValueError) -> DeviceError:
    # pyserial hides errno in the text of some of its exceptions, and Windows has words of its own.
    text, code = str(error), getattr(error, "errno", None)
    if code == errno.ENOENT or "FileNotFoundError" in text:
        return DeviceError(f"there is no port {device}", _there())
    if code in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return DeviceError(f"{device} is busy", "close the program that has it open (a monitor, an IDE)")
    if code == errno.EACCES or "PermissionError" in text:
        if sys.platform == "win32":
            return DeviceError(f"{device} is busy", "close the program that has it open (a monitor, an IDE)")
        group = _group(device)
        return DeviceError(
            f"no permission to open {device}, which belongs to the group {group}",
            f"sudo usermod -aG {group} $USER, then log in again",
        )
    if device.startswith("rfc2217://") and "'control'" in text:
        # ser2net never answers the request for flow control, which pyserial waits for.
        url = f"{device}{'&' if '?' in device else '?'}ign_set_control"
        return DeviceError(f"cannot open {device}: {text}", f"ser2net and its like want `-p '{url}'`")
    if code == errno.EISDIR:
        return DeviceError(f"{device} is a folder, and no serial port", _there())
    if code == errno.ENOTTY or (not isinstance(error, ValueError) and Path(device).is_file()):
        return DeviceError(f"{device} is a file, and no serial port", _there())
    return DeviceError(f"cannot open {device}: {text}")


def _group(device: str) -> str:
    try:
        return Path(device).group()
    except (OSError, KeyError, NotImplementedError):
        return "dialout"
