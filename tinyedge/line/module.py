# SPDX-License-Identifier: Apache-2.0
"""Takes a REPL on a board that has a model as a module, gives what a replay asks of a device.

Frames go in as base64, in texts that raw-paste mode controls the flow of; `push` or `predict` runs them, as a
user's program would. Layers run alone, to find which is wrong, by what the module keeps to itself.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tinyedge import text
from tinyedge.build import Build, Slot
from tinyedge.errors import DeviceError
from tinyedge.line.repl import Repl

PIECE = 768
"""Bytes of a frame in one text: a board compiles the whole text before it runs it."""
_NEEDED = "time", "array", "binascii"  # which a port may have left out
WRAP = 1 << 30
"""At which ticks of a 32-bit port begin anew."""
_MAC = 50e-6  # s: the slowest Python on the slowest board
_SECONDS = 20.0
_OFF = 0.05  # share of 1 by which ticks_cpu may differ from the core's clock and still count its cycles

_IMPORT = """import gc,sys,time
from array import array
from binascii import a2b_base64 as te_in,b2a_base64 as te_out
sys.modules.pop('model',None)
globals().pop('model',None)
te_cpu=getattr(time,'ticks_cpu',time.ticks_us)
def te_clock(f):
 t=time.ticks_us();c=te_cpu()
 f()
 d=te_cpu();u=time.ticks_us()
 print(time.ticks_diff(u,t),time.ticks_diff(d,c))
def te_wait():
 t=time.ticks_us()
 while time.ticks_diff(time.ticks_us(),t)<50000:pass
gc.collect()
te_free=gc.mem_free()
import model
model.init()
gc.collect()
print(model.sha256,int(hasattr(model,'_run')),te_free-gc.mem_free(),gc.mem_free(),gc.mem_alloc())
te_clock(te_wait)
"""
_PREPARE = """te_b=bytearray({size})
def te_w(at,s):
 s=te_in(s)
 te_b[at:at+len(s)]=s
def te_a(at,s):
 s=te_in(s)
 model._arena[at:at+len(s)]=s
te_outs=({outputs},)
def te_f():
 model.{run}(te_g)
def te_run():
 global te_g
 te_g={given}
 te_clock(te_f)
 for o in te_outs:
  print(str(te_out(bytes(o)),'ascii'),end='')
"""


@dataclass(frozen=True)
class Loaded:
    """What the board says of the module that it imported. Heap, bytes: `taken` by it, then `free`, of `size`.

    rate: of ticks_cpu, in ticks a microsecond.
    """

    sha256: str
    native: bool
    taken: int
    free: int
    size: int
    rate: float


@dataclass(frozen=True)
class Clock:
    """What a latency is given in."""

    ticks_hz: int
    tick_unit: str


@dataclass(frozen=True)
class Stack:
    """Bytes; MicroPython says how large its stack is, and not how deep it was."""

    stack_size: int | None
    stack_high_water: int | None = None


def missing(repl: Repl) -> list[str]:
    """Modules of MicroPython that a replay needs and this one has not."""
    said = repl.run(f"for te_m in {_NEEDED}:\n try:__import__(te_m)\n except ImportError:print(te_m)").split()
    return [name for name in _NEEDED if name in said]


def load(repl: Repl) -> Loaded:
    """Import the module that is there, anew. DeviceError where there is none, or the heap is too small."""
    lacks = missing(repl)
    if lacks:
        raise DeviceError(
            f"{repl.name}: its MicroPython has no module {' and no '.join(lacks)}, which a replay needs",
            "install a firmware of micropython.org, or build yours with them",
        )
    said = repl.run(_IMPORT, _SECONDS)
    sha256, _, rest = said.strip().partition(" ")
    numbers = repl.integers(rest)
    if len(numbers) != 6 or min(numbers[2:5]) < 0 or numbers[4] == 0:
        raise DeviceError(
            f"{repl.name} says nothing sensible of its module: {text.visible(' '.join(said.split())[:100])}",
            "copy it again: `tinyedge flash`",
        )
    native, taken, free, used, microseconds, ticks = numbers
    return Loaded(text.visible(sha256), native == 1, taken, free, free + used, ticks / microseconds)


class Module:
    """The module as a harness.Target; `build` is of the form that is on the board, `clock_hz` the core's.

    backwards: how often the board's clock ran so; the run then counts as none of its ticks.
    """

    def __init__(self, repl: Repl, loaded: Loaded, build: Build, clock_hz: int | None) -> None:
        self._repl, self._build = repl, build
        self._limit = _SECONDS + build.macs * _MAC
        self._ran = self.backwards = 0
        self._flipped = not loaded.native
        self._cycles = clock_hz is not None and abs(loaded.rate * 1e6 / clock_hz - 1) < _OFF
        assert not self._cycles or clock_hz is not None
        self._rate = loaded.rate
        self.hello = Clock(clock_hz, "cycles") if self._cycles and clock_hz else Clock(1_000_000, "ns")
        self._names = [slot.name for slot in (*build.outputs, *build.features, *build.predictions)]
        outputs = [f"model._output{i}" for i in range(len(build.outputs))]
        named = ["model.features"] * len(build.features) + [
            f"model.predictions{i if len(build.predictions) > 1 else ''}"
            for i in range(len(build.predictions))
        ]
        repl.run(
            _PREPARE.format(
                size=sum(slot.bytes for slot in build.inputs),
                outputs=",".join([*(outputs if len(outputs) > 1 else ["model._output"]), *named]),
                run="push" if build.features else "predict",
                given=_given(build.inputs),
            )
        )

    def whole(self, inputs: Sequence[bytes], wanted: Sequence[str]) -> tuple[int, list[bytes]]:
        """A frame, as a user's program runs it: its ticks, and the bytes of what is wanted."""
        self._send("te_w", 0, b"".join(inputs), "te_run()")
        head, *lines = self._said or [""]
        if len(lines) != len(self._names):
            raise DeviceError(
                f"{self._repl.name} gives {len(lines)} outputs of {len(self._names)}",
                "copy the module again: `tinyedge flash`",
            )
        found = {name: self._bytes(line) for name, line in zip(self._names, lines, strict=True)}
        self._ran = len(self._build.layers)
        return self._ticks(head), [found[name] for name in wanted]

    def infer(
        self, inputs: Sequence[tuple[int, bytes]], outputs: Sequence[tuple[int, int]]
    ) -> tuple[int, list[bytes]]:
        """As harness.Target; the outputs are the model's own, in order."""
        places = [(slot.offset, slot.bytes) for slot in self._build.outputs]
        assert list(outputs) == places
        return self.whole([data for _, data in inputs], [slot.name for slot in self._build.outputs])

    def write(self, offset: int, data: bytes) -> None:
        """Put an input of the model into the arena."""
        self._ran = 0
        self._send("te_a", offset, self._turned(offset, data))

    def read(self, offset: int, length: int) -> bytes:
        """The tensor of so many bytes that the layers run so far left at this place."""
        said = self._repl.run(f"print(str(te_out(model._arena[{offset}:{offset + length}]),'ascii'))")
        return self._turned(offset, self._bytes(said))

    def run(self, first: int = 0, last: int | None = None) -> int:
        """Run layers first to last - 1 on what is in the arena; gives ticks."""
        last = len(self._build.layers) if last is None else last
        self._ran = last
        return self._ticks(self._repl.run(f"te_clock(lambda:model._layers({first},{last}))", self._limit))

    def reset_state(self) -> None:
        """As `model.reset()`."""
        self._repl.run("model.reset()", self._limit)

    def memory(self) -> Stack:
        """What `micropython.mem_info` says of the stack."""
        said = self._repl.run("import micropython\nmicropython.mem_info()")
        found = re.search(r"stack: \d+ out of (\d{1,15})\b", said)
        return Stack(int(found[1]) if found else None)

    def _send(self, function: str, at: int, data: bytes, then: str = "") -> None:
        said = ""
        for start in range(0, len(data), PIECE):
            piece = base64.b64encode(data[start : start + PIECE])
            last = f"\n{then}" if start + PIECE >= len(data) else ""
            said = self._repl.run(f"{function}({at + start},{piece!r}){last}", self._limit)
        self._said = said.splitlines()

    def _bytes(self, said: str) -> bytes:
        try:
            return base64.b64decode(said.strip(), validate=True)
        except ValueError:
            raise DeviceError(
                f"{self._repl.name} says {text.visible(said[:100])!r}, and bytes in base64 are asked for",
                "restart the board, and end what else uses it",
            ) from None

    def _ticks(self, said: str) -> int:
        numbers = self._repl.integers(said)
        if len(numbers) != 2:
            raise DeviceError(f"{self._repl.name} says {text.visible(said[:100])!r} for a time")
        microseconds, ticks = numbers
        if microseconds < 0:  # as of a port that reads a counter and what counts its turns at two times
            self.backwards += 1
            return 0
        if not self._cycles:
            return microseconds
        # The difference of two counts is known but for whole turns of the counter.
        return ticks + WRAP * round((microseconds * self._rate - ticks) / WRAP)

    def _turned(self, offset: int, data: bytes) -> bytes:
        """Between our arena and that of Python kernels, whose bytes have their top bit flipped."""
        done = [slot for layer in self._build.layers[: self._ran] for slot in layer.outputs]
        place = (offset, len(data))
        for slot in (*reversed(done), *self._build.inputs):
            if (slot.offset, slot.bytes) == place:
                narrow = self._flipped and slot.bytes == slot.spec.size
                return bytes(byte ^ 128 for byte in data) if narrow else data
        raise ValueError(f"no tensor of {len(data)} bytes lies at {offset}")


def _given(inputs: Sequence[Slot]) -> str:
    """The inputs, as predict takes them, in Python: of what was sent, one after another."""
    kinds = {"int16": "h", "int32": "i"}
    parts, at = [], 0
    for slot in inputs:
        raw = f"te_b[{at}:{at + slot.bytes}]"
        at += slot.bytes
        parts.append(f"array('{kinds[slot.dtype]}',bytes({raw}))" if slot.dtype in kinds else raw)
    return parts[0] if len(parts) == 1 else f"({','.join(parts)})"
