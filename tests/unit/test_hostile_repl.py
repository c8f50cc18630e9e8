# SPDX-License-Identifier: Apache-2.0
"""Boards that say anything in MicroPython's raw REPL: each ends in a sentence, and soon."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import fake_device
from tinyedge.errors import DeviceError
from tinyedge.line import module
from tinyedge.line.module import Loaded, Module
from tinyedge.line.repl import END, PASTE, RAW, Repl
from tinyedge.micropython import deploy

DIGITS = "9" * 5000


class Line:
    """A board that answers whatever it is given with `said`, and `failed` where an error stands.

    window: of its raw-paste mode, None: it has none. rest: what it goes on saying for ever, in place of that.
    """

    name, bytes_per_second = "board", None

    def __init__(
        self, said: bytes = b"", failed: bytes = b"", window: int | None = None, rest: bytes = b""
    ) -> None:
        self._said, self._failed, self._window, self._rest = said, failed, window, rest
        self._answers = bytearray()
        self._asked = self.lying = False

    def read(self, timeout: float) -> bytes:
        found, self._answers = bytes(self._answers), bytearray()
        return found or (self._rest if self.lying else b"")

    def write(self, data: bytes) -> None:
        whole = self._said + END + self._failed + END + b">"
        if data == PASTE:
            paste = None if self._window is None else self._window.to_bytes(2, "little")
            self._answers += b"R\0" if paste is None else b"R\1" + paste
            self.lying = self._asked
            self._asked = True
        elif data.endswith(RAW):
            self._answers += b"raw REPL; CTRL-B to exit\r\n>"
        elif data == END:
            if self._window is None:
                self._answers += b"" if self._rest else b"OK" + whole
            elif not self.lying:
                self._answers += END + END + END + b">"
            self.lying = self.lying or self._window is None

    def close(self) -> None:
        pass


def _outputs(said: str) -> Callable[[Repl], object]:
    """What asks a module for its outputs, where the board says this."""

    def ask(session: Repl) -> object:
        made = Module(session, Loaded("0", True, 0, 0, 0, 1.0), fake_device.build(), None)
        session._line._said = said.encode()  # type: ignore[attr-defined]
        return made.whole([b"\0" * 4], ["y"])

    return ask


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Repl.interpreter, ""),
        (Repl.interpreter, "(1, 2)"),
        (Repl.interpreter, "(1, x)\n3"),
        (Repl.interpreter, f"(1, 2)\n{DIGITS}"),
        (module.load, ""),
        (module.load, "sha"),
        (module.load, "time binascii"),
        (module.load, "sha 1 1 1 1 0 0"),
        (module.load, "sha 1 1 1 -1 5 5"),
        (module.load, f"sha 1 1 1 1 1 {DIGITS}"),
        (module.load, "sha 1 1 1 1 5 1e5"),
        (module.load, "\x1b[2J 1 \u0663 1 1 5 5"),
        (lambda session: deploy._copy(session, "a.py", b"x", lambda size: None), "free"),
        (lambda session: deploy._copy(session, "a.py", b"x", lambda size: None), DIGITS),
        (_outputs(""), ""),
        (_outputs("1 1"), ""),
        (_outputs("1 1\n*"), ""),
        (_outputs("1 1\n\x1b[2J"), ""),
        (_outputs("1\nAAAAAAAA"), ""),
        (_outputs(f"{DIGITS} 1\nAAAAAAAA"), ""),
    ],
)
def test_what_a_board_says_is_taken_for_nothing_else(ask: Callable[[Repl], object], said: str) -> None:
    with pytest.raises(DeviceError) as refused:
        ask(Repl(Line(said.encode())))
    assert "board" in str(refused.value) and str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("failed", [b"\r\n", b" ", b"\n\n\x0c\n"])
def test_an_error_may_have_no_words(failed: bytes) -> None:
    with pytest.raises(DeviceError, match="board: an error without a word"):
        Repl(Line(failed=failed)).run("x")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Line(window=0), "board takes nothing in its raw-paste mode"),
        (Line(window=64, rest=b"\1"), "board does not end its raw-paste mode"),
        (Line(window=64, rest=b"\3"), "board prints without end"),
        (Line(rest=b"x"), "board prints without end"),
        (Line(window=64), "board does not answer in its raw REPL"),
    ],
    ids=["no window", "a window that opens for ever", "words for ever", "no end", "silent"],
)
def test_a_board_ends_in_time(line: Line, said: str) -> None:
    with pytest.raises(DeviceError, match=said):
        Repl(line, patience=0.1).run("x", 0.1)
