# SPDX-License-Identifier: Apache-2.0
"""MCUboot in serial recovery: parameters, image list, image upload and reset, with the messages of `smp`.

Written from docs.mcuboot.com/serial_recovery and MCUboot's design document (image format).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Generator
from dataclasses import replace

from smp import header as smp_header
from smp import image_management as images
from smp import os_management as system
from smp import packet
from smp.exceptions import SMPException

_MAGIC, _TLV_MAGIC, _SHA256 = 0x96F3_B83D, 0x6907, 0x10
_HEADER = struct.Struct("<IIHHIIBBHI4x")
_UPLOAD, _STATE = (1, 1), (1, 0)  # group, command
_RESET, _PARAMETERS = (0, 5), (0, 6)
_NOT_SUPPORTED = b"\xa1\x62rc\x08"  # CBOR of {"rc": MGMT_ERR_ENOTSUP}


def signed(body: bytes) -> bytes:
    """`body` as an image that MCUboot takes, with the hash and without a signature."""
    head = _HEADER.pack(_MAGIC, 0, _HEADER.size, 0, len(body), 0, 1, 2, 3, 0)
    digest = hashlib.sha256(head + body).digest()
    return head + body + struct.pack("<HHBxH", _TLV_MAGIC, 40, _SHA256, 32) + digest


class McuBoot:
    """A chip in serial recovery. `tells`: the parameters' and the hash's commands were built in.

    `spoil`: the offset of a byte that keeps its lowest bit wrong. `written`: bytes since start-up.
    """

    def __init__(self, tells: bool = True, spoil: int | None = None) -> None:
        self.slot = bytearray()
        self.written = 0
        self.restarted = False
        self._tells = tells
        self._spoil = spoil
        self._half = b""
        self._decoder = self._start()

    @staticmethod
    def _start() -> Generator[None, bytes, bytes]:
        decoder = packet.decode()
        next(decoder)
        return decoder

    def feed(self, data: bytes) -> bytes:
        """As line.Chip."""
        *lines, self._half = (self._half + data).split(b"\n")
        said = b""
        for line in lines:
            try:
                self._decoder.send(line + b"\n")
            except StopIteration as whole:
                self._decoder = self._start()
                # A console shares the line with its log.
                said += b"[00:00:01] <inf> mcuboot: smp\r\n"
                said += b"".join(packet.encode(self._answer(whole.value)))
            except SMPException:
                self._decoder = self._start()
        return said

    def _answer(self, frame: bytes) -> bytes:
        head = smp_header.Header.loads(frame[: smp_header.Header.SIZE])
        sequence = head.sequence
        command = (head.group_id, head.command_id)
        if command == _UPLOAD:
            request = images.ImageUploadWriteRequest.loads(frame)
            if request.off == 0:
                self.slot.clear()
            if request.off == len(self.slot):
                self._write(request.data)
            return images.ImageUploadWriteResponse(sequence=sequence, off=len(self.slot)).BYTES
        if command == _STATE:
            state = images.ImageState(slot=0, version="1.2.3", hash=self._hash() if self._tells else None)
            return images.ImageStatesReadResponse(sequence=sequence, images=[state]).BYTES
        if command == _PARAMETERS and self._tells:
            return system.MCUMgrParametersReadResponse(sequence=sequence, buf_size=1024, buf_count=1).BYTES
        if command == _RESET:
            self.restarted = True
            return system.ResetWriteResponse(sequence=sequence).BYTES
        refusal = replace(head, op=smp_header.OP(head.op + 1), length=len(_NOT_SUPPORTED))
        return bytes(refusal) + _NOT_SUPPORTED

    def _write(self, data: bytes) -> None:
        for byte in data:
            self.slot.append(byte ^ (len(self.slot) == self._spoil))
        self.written += len(data)

    def _hash(self) -> bytes:
        size = _HEADER.unpack_from(self.slot)[4]
        return hashlib.sha256(self.slot[: _HEADER.size + size]).digest()
