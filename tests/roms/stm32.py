# SPDX-License-Identifier: Apache-2.0
"""The USART bootloader in the ROM of an STM32F4.

Written from ST's AN3155 (the commands) and AN2606 (version and product ID of the STM32F446).
"""

from __future__ import annotations

from collections.abc import Generator
from functools import reduce
from operator import xor

ACK, NACK = b"\x79", b"\x1f"
BASE, SIZE = 0x0800_0000, 512 << 10
_VERSION, _PRODUCT = 0x31, 0x0421
_GET, _GET_ID, _READ, _GO, _WRITE, _ERASE = 0x00, 0x02, 0x11, 0x21, 0x31, 0x44
_COMMANDS = bytes([_GET, 0x01, _GET_ID, _READ, _GO, _WRITE, _ERASE])

# Yields what it says and how many bytes it waits for; is sent these bytes.
Conversation = Generator[tuple[bytes, int], bytes, None]


class Stm32Rom:
    """An STM32F446 whose BOOT0 is high, 512 KB of flash; a flash bit goes from 1 to 0 until it is erased.

    `written`: bytes that flash has taken since start-up. `started`: the address that Go was given, None
    before. `protected`: flash refuses to be written. `spoil`: an address that keeps its lowest bit wrong.
    """

    def __init__(self, protected: bool = False, spoil: int | None = None) -> None:
        self.flash = bytearray(b"\xff" * SIZE)
        self.written = 0
        self.started: int | None = None
        self._protected = protected
        self._spoil = spoil
        self.reset()

    def reset(self) -> None:
        """As the reset button does, BOOT0 still high."""
        self._conversation = self._talk()
        self._arrived = b""
        _, self._wanted = next(self._conversation)

    def feed(self, data: bytes) -> bytes:
        """As line.Chip."""
        self._arrived += data
        said = b""
        while len(self._arrived) >= self._wanted:
            taken, self._arrived = self._arrived[: self._wanted], self._arrived[self._wanted :]
            answer, self._wanted = self._conversation.send(taken)
            said += answer
        return said

    def _talk(self) -> Conversation:
        # The first 0x7f is measured for the baud rate.
        while (yield b"", 1) != b"\x7f":
            pass
        said = ACK
        while True:
            command = (yield said, 1)[0]
            complement = (yield b"", 1)[0]
            if command ^ complement != 0xFF or command not in _COMMANDS:
                # A second 0x7f comes here as half of a command: AN3155 gives a NACK for it.
                said = NACK
                continue
            said = yield from self._command(command)

    def _command(self, command: int) -> Generator[tuple[bytes, int], bytes, bytes]:
        if command == _GET:
            return ACK + bytes([len(_COMMANDS), _VERSION]) + _COMMANDS + ACK
        if command == _GET_ID:
            return ACK + bytes([1]) + _PRODUCT.to_bytes(2, "big") + ACK
        if command == _ERASE:
            request = yield ACK, 3
            if request != b"\xff\xff\x00" or self._protected:  # the whole flash; nobody here asks for pages
                return NACK
            self.flash[:] = b"\xff" * SIZE
            return ACK
        address = yield ACK, 5
        at = int.from_bytes(address[:4], "big") - BASE
        if reduce(xor, address) != 0 or not 0 <= at < SIZE:
            return NACK
        if command == _GO:
            self.started = BASE + at
            return ACK
        count = (yield ACK, 1)[0]
        if command == _READ:
            complement = (yield b"", 1)[0]
            return ACK + self.flash[at : at + count + 1] if count ^ complement == 0xFF else NACK
        data = yield b"", count + 2
        if reduce(xor, data, count) != 0 or self._protected or (count + 1) % 4 != 0:
            return NACK
        for offset, byte in enumerate(data[:-1], at):
            self.flash[offset] &= byte ^ (BASE + offset == self._spoil)
        self.written += count + 1
        return ACK
