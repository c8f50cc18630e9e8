# SPDX-License-Identifier: Apache-2.0
"""The boot menu of a Himax WE2: its words, around the XMODEM receiver of the PyPI package `xmodem`.

The words are those that Himax's sender waits for (Seeed_Grove_Vision_AI_Module_V2, xmodem/xmodem_send.py).
"""

from __future__ import annotations

import io
import logging
import socket
import time

from xmodem import XMODEM

READY = b"Send data using the xmodem protocol from your terminal"
DONE = b"Do you want to end file transmission and reboot system? (y)"


class We2Menu:
    """A board just reset. `pulled_after`: blocks until the cable is out, None: never; one pull only."""

    def __init__(self, pulled_after: int | None = None, damaged: int | None = None) -> None:
        self.image = b""
        self.rebooted = False
        self._pulled_after = pulled_after
        self._damaged = damaged  # this block arrives with a wrong bit, once

    def talk(self, line: socket.socket) -> None:
        """As line.Talk."""
        logging.getLogger("xmodem").propagate = False
        line.settimeout(5.0)
        heard = b""
        while b"1\r" not in heard:
            data = line.recv(1)
            if not data:
                return
            heard += data
        line.sendall(b"\r\n" + READY + b"\r\n")
        time.sleep(0.3)  # what else the host says to the menu is still on its way
        line.settimeout(0.01)
        while True:
            try:
                line.recv(100)
            except TimeoutError:
                break
        into, blocks = io.BytesIO(), 0

        def get(size: int, timeout: float = 1.0) -> bytes | None:
            nonlocal blocks
            line.settimeout(timeout)
            data = b""
            while len(data) < size:
                try:
                    part = line.recv(size - len(data))
                except TimeoutError:
                    return None
                if not part:
                    raise ConnectionError
                data += part
            if size > 100:
                blocks += 1
                if blocks == self._damaged:
                    self._damaged = None
                    data = bytes([data[0] ^ 1]) + data[1:]
                if blocks == self._pulled_after:
                    self._pulled_after = None
                    raise ConnectionError
            return data

        if XMODEM(get, lambda data, timeout=1.0: line.send(data)).recv(into, quiet=1, delay=0) is None:
            return
        self.image = into.getvalue()
        line.sendall(b"\r\n" + DONE + b"\r\n")
        line.settimeout(5.0)
        self.rebooted = line.recv(1) == b"y"
