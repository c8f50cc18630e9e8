# SPDX-License-Identifier: Apache-2.0
"""Takes a byte pipe to MicroPython's REPL, gives a session that runs Python there and hands back its output.

The raw REPL and its raw-paste mode, as MicroPython's documentation describes them ("The MicroPython
Interactive Interpreter Mode"): text is sent within a window that the board opens bit by bit, so that none is
lost in a buffer that is too small.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Self

from tinyedge import text
from tinyedge.errors import DeviceError
from tinyedge.line.link import Transport

RAW, FRIENDLY, INTERRUPT, END, PASTE = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05A\x01"
MORE = 0x01  # from the board, in raw-paste mode: the window opens by its size
SECONDS = 10.0
"""How long the board may be silent."""
_PIECE, _PAUSE = 128, 0.01  # bytes and s: how fast a board without raw-paste mode is fed
_MOST = 1 << 20  # bytes of output, of what is told to print little
_SLOW = 2  # times what it may be silent: how long it may take for what it says, drop by drop
_DIGITS = 15  # of a number; a board has none that has more
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True)
class Interpreter:
    """What `sys.implementation` says. mpy: .mpy version, sub-version, architecture; None: it reads none."""

    version: tuple[int, ...]
    machine: str
    mpy: tuple[int, int, int] | None


class Repl:
    """A session in the raw REPL; `name` is the line's. DeviceError where the board is silent or gone."""

    def __init__(self, transport: Transport, patience: float = SECONDS) -> None:
        self._line, self.name, self._patience = transport, transport.name, patience
        self._seen = bytearray()
        # What is running ends, twice: the first may have ended a wait in the program's own handler.
        self._line.write(b"\r" + INTERRUPT + INTERRUPT + b"\r" + RAW)
        self._until(b"raw REPL; CTRL-B to exit\r\n>", "did not go to its raw REPL: is MicroPython on it?")
        self._window = self._ask_for_paste()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def run(self, source: str, seconds: float | None = None) -> str:
        """What `source` prints; it may be silent for so many seconds, or as long as always.

        Raises DeviceError with the last line of a traceback.
        """
        data = source.encode()
        if self._window is None:
            self._feed(data)
        else:
            self._paste(data)
        output = self._until(END, "did not end what it was given", seconds)
        error = self._until(END + b">", "did not end what it was given", seconds)
        if error:
            said = ["an error without a word", *error.decode(errors="replace").split("\n")]
            raise DeviceError(
                f"{self._line.name}: {text.visible([s.strip() for s in said if s.strip()][-1])}"
            )
        return output.decode(errors="replace").replace("\r\n", "\n")

    def numbers(self, source: str, seconds: float | None = None) -> tuple[int, ...]:
        """The integers that `source` prints, with blanks between. DeviceError also where it prints others."""
        return self.integers(self.run(source, seconds))

    def integers(self, said: str) -> tuple[int, ...]:
        """Of what was printed. DeviceError where it is anything else, or beyond what a board can have."""
        words = said.split()
        if not words or any(len(word) > _DIGITS or not _NUMBER.fullmatch(word) for word in words):
            raise DeviceError(
                f"{self.name} says {text.visible(said[:100])!r} where numbers are asked for",
                "restart the board, and end what else uses it",
            )
        return tuple(map(int, words))

    def interpreter(self) -> Interpreter:
        """Ask which MicroPython it is."""
        said = self.run(
            "import sys\ni=sys.implementation\n"
            "print(i[1][:3],getattr(i,'_mpy',0),getattr(i,'_machine',sys.platform),sep='\\n')"
        ).split("\n")
        if len(said) < 2:
            raise DeviceError(f"{self._line.name} does not say which MicroPython it runs")
        version = self.integers(said[0].strip("()").replace(",", " "))
        (number,) = self.integers(said[1])[:1]
        mpy = (number & 0xFF, number >> 8 & 3, number >> 10 & 0xF) if number else None
        return Interpreter(version, text.visible(said[2]) if len(said) > 2 else "", mpy)

    def close(self) -> None:
        """Leave the raw REPL, and the pipe open."""
        self._line.write(INTERRUPT + FRIENDLY)

    def _ask_for_paste(self) -> int | None:
        """Bytes by which the window opens at a time; None where the board has no raw-paste mode."""
        self._line.write(PASTE)
        answer = self._take(2)
        if answer == b"R\x01":
            # Agreed; the way out is an empty text.
            size = int.from_bytes(self._take(2), "little")
            self._line.write(END)
            self._until(END, "did not end raw-paste mode")
            self._until(END, "did not end raw-paste mode")
            self._until(END + b">", "did not end raw-paste mode")
            return size
        if answer != b"R\x00":  # older: it takes the request for Ctrl-A and says its greeting again
            self._until(b">", "does not answer in its raw REPL")
        return None

    def _feed(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            self._line.write(data[start : start + _PIECE])
            time.sleep(_PAUSE)
        self._line.write(END)
        self._until(b"OK", "did not take what it was given")

    def _paste(self, data: bytes) -> None:
        self._line.write(PASTE)
        if self._take(2) != b"R\x01":
            raise DeviceError(f"{self._line.name} left its raw-paste mode", "restart the board")
        step = room = int.from_bytes(self._take(2), "little")
        if step == 0:
            raise DeviceError(f"{self._line.name} takes nothing in its raw-paste mode", "restart the board")
        while data:
            while room == 0 or self._seen:
                (byte,) = self._take(1)
                if byte != MORE:  # the board ends it: it ran out of memory, most likely
                    self._line.write(END)
                    raise DeviceError(f"{self._line.name} did not take all of what it was given")
                room += step
            part, data = data[:room], data[room:]
            self._line.write(part)
            room -= len(part)
        self._line.write(END)
        end = time.monotonic() + _SLOW * self._patience
        while self._take(1)[0] == MORE:
            if time.monotonic() >= end:
                raise DeviceError(f"{self._line.name} does not end its raw-paste mode", "restart the board")

    def _take(self, size: int) -> bytes:
        deadline = time.monotonic() + self._patience
        while len(self._seen) < size:
            self._receive(deadline, "does not answer in its raw REPL")
        found = bytes(self._seen[:size])
        del self._seen[:size]
        return found

    def _until(self, end: bytes, what: str, seconds: float | None = None) -> bytes:
        seconds = self._patience if seconds is None else seconds
        start, last = 0, time.monotonic() + _SLOW * seconds
        while (at := self._seen.find(end, start)) < 0:
            start = max(0, len(self._seen) - len(end) + 1)
            if len(self._seen) > _MOST or time.monotonic() >= last:
                raise DeviceError(f"{self._line.name} prints without end")
            self._receive(min(last, time.monotonic() + seconds), what)
        found = bytes(self._seen[:at])
        del self._seen[: at + len(end)]
        return found

    def _receive(self, deadline: float, what: str) -> None:
        while not (data := self._line.read(max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise DeviceError(f"{self._line.name} {what}", "restart the board, and end what else uses it")
        self._seen += data
