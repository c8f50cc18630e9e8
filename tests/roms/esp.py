# SPDX-License-Identifier: Apache-2.0
"""The serial loader in the ROM of an Espressif chip, and what esptool's stub answers in its place.

Written from Espressif's "Serial Protocol" (docs.espressif.com/projects/esptool, advanced topics); registers
from the chips' Technical Reference Manuals, chapter SPI Controller.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

SECTOR = 4096
SIZE = 4 << 20
_END, _ESC = 0xC0, 0xDB
_CMD_USR = 1 << 18
_RDID = 0x9F
_FLASH_ID = 0x16_40_EF  # Winbond, 2^0x16 bytes = 4 MB, as the three bytes of JEDEC's RDID arrive
_INVALID, _FAILED, _BAD_CRC = 0x05, 0x06, 0x07  # error codes of the ROM
_STUB_UNKNOWN = 0xFF
_SYNC = bytes.fromhex("07071220") + b"\x55" * 32


@dataclass(frozen=True)
class Chip:
    """What differs. `id`: in the answer to GET_SECURITY_INFO, None where the ROM has none.

    `spi`: registers CMD, USER2 and W0 of the controller that the flash is on. `words`: of FLASH_BEGIN.
    """

    id: int | None
    spi: tuple[int, int, int]
    words: int = 5


CHIPS = {
    "esp32": Chip(None, (0x3FF4_2000, 0x3FF4_2024, 0x3FF4_2080), words=4),
    "esp32s3": Chip(9, (0x6000_2000, 0x6000_2020, 0x6000_2058)),
    "esp32c3": Chip(5, (0x6000_2000, 0x6000_2020, 0x6000_2058)),
    "esp32c6": Chip(13, (0x6000_3000, 0x6000_3020, 0x6000_3058)),
    "esp32p4": Chip(18, (0x5008_D000, 0x5008_D020, 0x5008_D058)),
}
_WORDS = {
    0x4000_1000: 0x00F0_1D83,  # of the first ESP32's ROM, by which it is told from others
    0x5012_D04C: 1 << 4,  # of an ESP32-P4's fuses: revision 1.0
}


class Refusal(Exception):
    """A command that the ROM answers with an error code."""


class EspRom:
    """A chip in download mode with 4 MB of flash; a flash bit goes from 1 to 0 until it is erased.

    `stub`: it runs the stub that esptool uploaded. `written`: bytes that flash has taken since start-up.
    `spoil`: an address that keeps its lowest bit wrong, or None. `takes_stub`: loads programs into its RAM.
    """

    def __init__(self, spoil: int | None = None, chip: str = "esp32c3", takes_stub: bool = True) -> None:
        self.flash = bytearray(b"\xff" * SIZE)
        self.stub = False
        self.written = 0
        self.commands: list[int] = []
        self.asked = 0  # bytes of the latest hash
        self._spoil = spoil
        self._chip = CHIPS[chip]
        self._takes_stub = takes_stub
        self._registers: dict[int, int] = {}
        self._half = bytearray()
        self._attached = False
        self._at = 0
        self._end = 0
        self._block = 0
        self._inflate: zlib._Decompress | None = None

    def reset(self) -> None:
        """Back to the ROM, as the reset button does; flash keeps what it holds."""
        self.stub = self._attached = False
        self._registers.clear()
        self._half.clear()

    def feed(self, data: bytes) -> bytes:
        """As line.Chip."""
        answer = b""
        for byte in data:
            if byte != _END:
                self._half.append(byte)
            elif self._half:
                packet = bytes(self._half).replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                self._half.clear()
                answer += self._packet(packet)
        return answer

    def _packet(self, packet: bytes) -> bytes:
        if len(packet) < 8 or packet[0] != 0:
            return b""
        _, command, size, checksum = struct.unpack_from("<BBHI", packet)
        data = packet[8:]
        self.commands.append(command)
        if command == 0x08:
            return self._sync(data)
        try:
            if size != len(data):
                raise Refusal(_INVALID)
            handle = _HANDLERS.get(command)
            ready = self._attached or self.stub
            takes = self._takes_stub or command not in _STUB
            if handle is None or not takes or (command in _FLASH and not ready):
                raise Refusal(_STUB_UNKNOWN if self.stub else _INVALID)
            if command in _CHECKED:
                _check(data[16:], checksum)
            value, body = handle(self, data)
        except Refusal as refusal:
            return self._answer(command, 0, b"", error=refusal.args[0])
        said = self._answer(command, value, body)
        if command == 0x06 and data[4:] != bytes(4) and not self.stub:
            self.stub = True
            said += _slip(b"OHAI")
        return said

    def _answer(self, command: int, value: int, body: bytes, error: int = 0) -> bytes:
        status = bytes([error != 0, error]) + (b"" if self.stub else bytes(2))
        return _slip(struct.pack("<BBHI", 1, command, len(body) + len(status), value) + body + status)

    def _sync(self, data: bytes) -> bytes:
        if data != _SYNC:
            return b""
        # esptool tells the stub from the ROM by the value 0.
        return 8 * self._answer(0x08, 0 if self.stub else 0x2012_0707, b"")

    def _read_register(self, data: bytes) -> tuple[int, bytes]:
        address = int.from_bytes(data, "little")
        return self._registers.get(address, _WORDS.get(address, 0)), b""

    def _write_register(self, data: bytes) -> tuple[int, bytes]:
        for at in range(0, len(data), 16):
            address, value, mask, _ = struct.unpack_from("<4I", data, at)
            self._registers[address] = (self._registers.get(address, 0) & ~mask) | (value & mask)
        command, user2, w0 = self._chip.spi
        if self._registers.get(command, 0) & _CMD_USR:
            self._registers[command] &= ~_CMD_USR
            opcode = self._registers.get(user2, 0) & 0xFF
            self._registers[w0] = _FLASH_ID if opcode == _RDID else 0
        return 0, b""

    def _attach(self, data: bytes) -> tuple[int, bytes]:
        self._attached = True
        return 0, b""

    def _security_info(self, data: bytes) -> tuple[int, bytes]:
        if self._chip.id is None:
            raise Refusal(_INVALID)
        return 0, struct.pack("<IB7xII", 0, 0, self._chip.id, 0)  # no protection

    def _nothing(self, data: bytes) -> tuple[int, bytes]:
        return 0, b""

    def _begin(self, data: bytes) -> tuple[int, bytes]:
        size, blocks, self._block, self._at = struct.unpack_from("<4I", data)
        # The ROM of the newer chips and the stub take a fifth word: 1 = encrypt.
        words = 5 if self.stub else self._chip.words
        if len(data) != 4 * words or self._at + size > SIZE or size > blocks * self._block:
            raise Refusal(_INVALID)
        self._erase(size)
        return 0, b""

    def _begin_deflated(self, data: bytes) -> tuple[int, bytes]:
        size, _, self._block, self._at = struct.unpack_from("<4I", data)
        if self._at + size > SIZE:
            raise Refusal(_INVALID)
        self._erase(size)
        self._inflate = zlib.decompressobj()
        return 0, b""

    def _erase(self, size: int) -> None:
        self._end = self._at + size
        first, last = self._at // SECTOR, -(-self._end // SECTOR)
        self.flash[first * SECTOR : last * SECTOR] = b"\xff" * ((last - first) * SECTOR)

    def _data(self, data: bytes) -> tuple[int, bytes]:
        self._write(data[16:])
        return 0, b""

    def _data_deflated(self, data: bytes) -> tuple[int, bytes]:
        if self._inflate is None:
            raise Refusal(_INVALID)
        try:
            self._write(self._inflate.decompress(data[16:]))
        except zlib.error as error:  # a block once more, after its answer was lost
            raise Refusal(_FAILED) from error
        return 0, b""

    def _write(self, data: bytes) -> None:
        for byte in data[: max(self._end - self._at, 0)]:
            self.flash[self._at] &= byte ^ (self._at == self._spoil)
            self._at += 1
        self.written += len(data)

    def _md5(self, data: bytes) -> tuple[int, bytes]:
        address, size = struct.unpack_from("<II", data)
        self.asked = size
        digest = hashlib.md5(self.flash[address : address + size])
        return 0, digest.digest() if self.stub else digest.hexdigest().encode()


def _check(data: bytes, checksum: int) -> None:
    total = 0xEF
    for byte in data:
        total ^= byte
    if total != checksum:
        raise Refusal(_BAD_CRC)


def _slip(packet: bytes) -> bytes:
    escaped = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return bytes([_END]) + escaped + bytes([_END])


_HANDLERS: dict[int, Callable[[EspRom, bytes], tuple[int, bytes]]] = {
    0x02: EspRom._begin,
    0x03: EspRom._data,
    0x04: EspRom._nothing,  # FLASH_END
    0x05: EspRom._nothing,  # MEM_BEGIN
    0x06: EspRom._nothing,  # MEM_END; what it starts is said in _packet
    0x07: EspRom._nothing,  # MEM_DATA
    0x09: EspRom._write_register,
    0x0A: EspRom._read_register,
    0x0B: EspRom._nothing,  # SPI_SET_PARAMS
    0x0D: EspRom._attach,
    0x0F: EspRom._nothing,  # CHANGE_BAUDRATE
    0x10: EspRom._begin_deflated,
    0x11: EspRom._data_deflated,
    0x12: EspRom._nothing,  # FLASH_DEFL_END
    0x13: EspRom._md5,
    0x14: EspRom._security_info,
}
_FLASH = (0x02, 0x03, 0x10, 0x11, 0x13)
_STUB = (0x05, 0x06, 0x07)
_CHECKED = (0x03, 0x07, 0x11)
