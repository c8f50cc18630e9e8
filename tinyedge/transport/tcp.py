# SPDX-License-Identifier: Apache-2.0
"""Takes socket://HOST:PORT, gives the byte pipe of a TCP connection."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from tinyedge.errors import DeviceError, UsageError

SCHEMES = ("socket", "tcp")
_PATIENCE = 10.0  # s for connecting and for sending


class Connection:
    """A connected socket."""

    bytes_per_second = None

    def __init__(self, connected: socket.socket, name: str) -> None:
        self.name = name
        self._socket = connected
        # A frame's last bytes must not wait for the next frame.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        self._socket.settimeout(max(timeout, 1e-3))
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return b""
        except OSError as error:
            raise self._gone(str(error)) from error
        if not data:
            raise self._gone("the other end closed it")
        return data

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self._socket.settimeout(_PATIENCE)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise DeviceError(f"{self.name} has taken no bytes for {_PATIENCE:g} s") from error
        except OSError as error:
            raise self._gone(str(error)) from error

    def close(self) -> None:
        """As link.Transport."""
        self._socket.close()

    def _gone(self, why: str) -> DeviceError:
        return DeviceError(f"{self.name} is gone: {why}", "is the server still running?")


def open_url(url: str, **options: object) -> Connection:
    """Connect to `socket://HOST:PORT`."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(f"{url} names no host and port", "write socket://HOST:PORT")
    try:
        return Connection(socket.create_connection((host, port), _PATIENCE), url)
    except OSError as error:
        raise DeviceError(
            f"cannot connect to {url}: {error}", "is the server running, is the port right?"
        ) from error
