# SPDX-License-Identifier: Apache-2.0
"""Takes a signed image, gives a chip whose MCUboot took it in serial recovery: SMP over a console line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
from pathlib import Path
from typing import Annotated

from pydantic import Field
from smp import packet
from smp.exceptions import SMPException
from smpclient import SMPClient
from smpclient.exceptions import SMPClientException
from smpclient.generics import success
from smpclient.mcuboot import IMAGE_TLV, ImageInfo, MCUBootImageError
from smpclient.requests.image_management import ImageStatesRead
from smpclient.requests.os_management import ResetWrite
from smpclient.transport import SMPTransport

from tinyedge import transport
from tinyedge.board import Board, Keys, keys
from tinyedge.errors import DeviceError, UsageError
from tinyedge.flash import Progress, single
from tinyedge.line.link import Transport

NEEDS_PORT = True
TAKES_ELF = False
_BAUD = 115_200
_ANSWER = 5.0  # s
_FIRST = 60.0  # s; the first block may make it erase the whole slot
_POLL = 0.002  # s
_LINE = 127  # characters of a line, what every server takes
_FRAMING = 4  # bytes: length and CRC, in the same buffer as the message


class Facts(Keys):
    """`slot` as MCUboot counts images; `buffer`: bytes of a message it takes at least, if it does not say."""

    baud: Annotated[int, Field(gt=0)] = _BAUD
    slot: Annotated[int, Field(ge=0)] = 0
    buffer: Annotated[int, Field(ge=128)] = 256


def install() -> str | None:
    """As flash.install."""
    return None


def flash(
    board: Board, files: tuple[Path, ...], port: str | None, baud: int | None, progress: Progress
) -> str:
    """As flash.flash. MCUboot then tells the hash of what it holds, where it was built to do so."""
    wanted = keys(board, "flasher", Facts)
    file = single(board, files, ".bin")
    assert port is not None
    try:
        signed = ImageInfo.load_file(str(file))
        digest = signed.get_tlv(IMAGE_TLV.SHA256).value
    except (MCUBootImageError, ValueError, struct.error) as error:
        raise UsageError(f"{file} is no image for MCUboot: {error}", "sign it with imgtool") from error
    logging.getLogger("smpclient").setLevel(logging.CRITICAL)  # what it logs ends up in our errors
    pipe = transport.open(port, baud=baud or wanted.baud)
    try:
        return asyncio.run(_upload(pipe, wanted, file.read_bytes(), digest, progress))
    except TimeoutError as error:
        raise DeviceError(
            f"MCUboot on {port} does not answer",
            "start its serial recovery (its button, and reset); check --baud",
        ) from error
    except (SMPClientException, SMPException, ValueError) as error:
        raise DeviceError(
            f"MCUboot on {port} gave no proper answer: {str(error).splitlines()[0] or type(error).__name__}",
            "reset the board into serial recovery and flash again",
        ) from error
    finally:
        pipe.close()


async def _upload(pipe: Transport, wanted: Facts, image: bytes, digest: bytes, progress: Progress) -> str:
    client = SMPClient(_Line(pipe, wanted.buffer), pipe.name, _ANSWER)
    await client.connect()
    async for done in client.upload(image, wanted.slot, first_timeout_s=_FIRST):
        progress(0.95 * done / len(image))
    states = await client.request(ImageStatesRead())
    if not success(states):
        raise DeviceError(f"MCUboot on {pipe.name} does not say what it holds: {states}", "flash again")
    held = [state for state in states.images if (state.image or 0) == wanted.slot]
    if any(state.hash == digest for state in held):
        verified = "the hash that MCUboot tells of its slot"
    elif held and all(state.hash is None for state in held):
        verified = "the CRC of every message; this MCUboot tells no hash of its slot"
    else:
        raise DeviceError(
            f"the slot on {pipe.name} does not hold the image: no slot has its hash",
            "flash again; when it happens twice, look at [flasher] slot",
        )
    with contextlib.suppress(TimeoutError):  # it may restart before it answers
        await client.request(ResetWrite())
    progress(1.0)
    return verified


class _Line(SMPTransport):
    """SMP's console framing over one of our byte pipes."""

    def __init__(self, pipe: Transport, buffer: int) -> None:
        self._pipe = pipe
        self._buffer = buffer
        self._half = b""

    async def connect(self, address: str, timeout_s: float) -> None:
        pass  # the pipe is open

    async def disconnect(self) -> None:
        pass

    @property
    def mtu(self) -> int:
        return self._smp_server_transport_buffer_size or self._buffer

    @property
    def max_unencoded_size(self) -> int:
        return self.mtu - _FRAMING

    async def send(self, data: bytes) -> None:
        for line in packet.encode(data, line_length=_LINE):
            self._pipe.write(line)

    async def receive(self) -> bytes:
        decoder = packet.decode()
        next(decoder)
        begun = False
        while True:
            line = await self._line()
            # A boot banner may come between: only what begins as a packet is one.
            begun |= line.startswith(packet.START_DELIMITER)
            if not begun:
                continue
            try:
                decoder.send(line)
            except StopIteration as end:
                frame: bytes = end.value
                return frame

    async def send_and_receive(self, data: bytes) -> bytes:
        await self.send(data)
        return await self.receive()

    async def _line(self) -> bytes:
        while b"\n" not in self._half:
            data = self._pipe.read(0.0)
            self._half += data
            if not data:
                await asyncio.sleep(_POLL)
        line, _, self._half = self._half.partition(b"\n")
        return line.rstrip(b"\r") + b"\n"
