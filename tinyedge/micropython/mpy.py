# SPDX-License-Identifier: Apache-2.0
"""Takes a .mpy file with a function in machine code of viper, gives it with other machine code in its place.

The form is that of version 6: a header of four bytes, the strings and objects that the module's code names by
number, then its code, a tree of functions. A number is written in groups of seven bits, the highest first,
all but the last with the top bit set.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

MAGIC, VERSION = 0x4D, 6
BYTECODE, NATIVE, VIPER, ASSEMBLER = range(4)
HAS_RELOCATIONS, HAS_CONSTANTS, HAS_ZEROS = 0x10, 0x20, 0x40
FUNCTION_TABLE = 8  # as what a word of code is relocated by
END = 0xFF
STRINGS = range(5, 10)  # str, bytes, int, float, complex: a length, then that many bytes
ZERO_ENDED = (5, 6)
TUPLE = 10


@dataclass(frozen=True)
class Function:
    """One function: what comes after its code (but for relocations) is `scope`, as in the file."""

    kind: int
    code: bytes
    scope: bytes = b""
    relocations: bytes = b""
    children: tuple[Function, ...] = ()


@dataclass(frozen=True)
class Module:
    """A file: `tables` are strings and objects as they stand in it. native: number of the architecture."""

    subversion: int
    native: int
    small_int_bits: int
    tables: bytes
    function: Function


@dataclass
class _Reader:
    data: bytes
    at: int = field(default=0)

    def take(self, size: int) -> bytes:
        found = self.data[self.at : self.at + size]
        if len(found) != size:
            raise ValueError("the file ends too early")
        self.at += size
        return found

    def number(self) -> int:
        value = 0
        while True:
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value


def read(data: bytes) -> Module:
    """The module in a file without architecture flags; ValueError for any other."""
    reader = _Reader(data)
    magic, version, features, bits = reader.take(4)
    if (magic, version) != (MAGIC, VERSION) or features & 0xC0:
        raise ValueError(f"no .mpy file of version {VERSION}")
    start = reader.at
    strings, objects = reader.number(), reader.number()
    for _ in range(strings):
        coded = reader.number()
        if not coded & 1:
            reader.take((coded >> 1) + 1)
    for _ in range(objects):
        _skip_object(reader)
    tables = data[start : reader.at]
    function = _read_function(reader)
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes behind the module")
    return Module(features & 3, features >> 2 & 0xF, bits, tables, function)


def write(module: Module) -> bytes:
    """What `read` reads."""
    features = module.subversion | module.native << 2
    header = bytes((MAGIC, VERSION, features, module.small_int_bits))
    return header + module.tables + _write_function(module.function)


def with_code(module: Module, code: bytes, table: int, word: int) -> Module:
    """`module`, whose only function of viper becomes `code`.

    table: the place in it, in bytes, of the word of `word` bytes that the address of MicroPython's table of
    functions is added to.
    """
    assert table % word == 0 and len(code) % word == 0
    relocations = bytes((FUNCTION_TABLE << 1 | 1,)) + number(table // word << 1) + bytes((END,))
    native = Function(VIPER, code, number(HAS_RELOCATIONS), relocations)
    function, replaced = _replace(module.function, native)
    if replaced != 1:
        raise ValueError(f"{replaced} functions of viper in the module, and there should be one")
    return replace(module, function=function)


def readable_by(data: bytes, subversion: int) -> bytes:
    """The native file `data` in another sub-version of the form: 1 to 3, which differ in no more."""
    return write(replace(read(data), subversion=subversion))


def _replace(function: Function, native: Function) -> tuple[Function, int]:
    if function.kind == VIPER:
        return native, 1
    pairs = [_replace(child, native) for child in function.children]
    return replace(function, children=tuple(child for child, _ in pairs)), sum(n for _, n in pairs)


def _skip_object(reader: _Reader) -> None:
    (kind,) = reader.take(1)
    if kind == TUPLE:
        for _ in range(reader.number()):
            _skip_object(reader)
    elif kind in STRINGS:
        reader.take(reader.number() + (kind in ZERO_ENDED))
    elif kind > STRINGS.start:
        raise ValueError(f"an object of kind {kind}")


def _read_function(reader: _Reader) -> Function:
    coded = reader.number()
    kind = coded & 3
    code = reader.take(coded >> 3)
    start = reader.at
    flags = 0
    if kind == VIPER:
        flags = reader.number()
        if flags & (HAS_CONSTANTS | HAS_ZEROS):
            raise ValueError("native code with data of its own")
    elif kind in (NATIVE, ASSEMBLER):
        raise ValueError("native code that is not of viper")
    scope = reader.data[start : reader.at]
    children = [_read_function(reader) for _ in range(reader.number())] if coded & 4 else []
    start = reader.at
    if flags & HAS_RELOCATIONS:
        _skip_relocations(reader)
    return Function(kind, code, scope, reader.data[start : reader.at], tuple(children))


def _skip_relocations(reader: _Reader) -> None:
    while (operation := reader.take(1)[0]) != END:
        if operation & 1:
            reader.number()  # the place
        if operation >> 1 < FUNCTION_TABLE - 2 and operation & 2:
            reader.number()  # how many in a row


def _write_function(function: Function) -> bytes:
    coded = len(function.code) << 3 | bool(function.children) << 2 | function.kind
    children = b"".join(map(_write_function, function.children))
    count = number(len(function.children)) if function.children else b""
    return number(coded) + function.code + function.scope + count + children + function.relocations


def number(value: int) -> bytes:
    """As a file has it."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


_NAMES = (
    *("bytecode alone", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp"),
    *("xtensa", "xtensawin", "rv32imc", "rv64imc"),
)
_THUMB = range(4, 9)  # of these, each runs those before it


def name_of(native: int) -> str:
    """What MicroPython calls an architecture."""
    return _NAMES[native] if native < len(_NAMES) else f"architecture {native}"


def runs(code: int, native: int) -> bool:
    """Whether a MicroPython of architecture `native` runs `code`."""
    return code == native or (code in _THUMB and native in _THUMB and code <= native)
