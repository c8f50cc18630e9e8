# SPDX-License-Identifier: Apache-2.0
"""Takes a name, gives where our data is, in a checkout or a wheel; reads TOML, writes files whole or not."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import re
import shutil
import stat
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tinyedge.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
_ELSEWHERE = "choose a place that you can write to"
_LARGEST_TOML = 1 << 20  # bytes; what people write has a few KB
LARGEST_JSON = 64 << 20
"""Bytes of what we write about a build or a test; a thousand events take a hundred thousand."""


def _data(name: str) -> Path:
    # The wheel carries the folders inside the package; a checkout has them beside it.
    installed = _PACKAGE / "_data" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def root() -> Path:
    """The folder that says which commit we are: the checkout, or what the wheel carries."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent


def boards() -> Path:
    """The folder of `<board>.toml` files; `cores/` in it holds the facts that boards share."""
    return _data("boards")


def templates() -> Path:
    """The folder of Jinja templates."""
    return _data("templates")


def firmware() -> Path:
    """The folder of C sources: `kernels/`, `runtime/`, `ports/`."""
    return _data("firmware")


def docs() -> Path:
    """The folder of Markdown documents; `schemas/` in it has the JSON Schemas."""
    return _data("docs")


def licence() -> Path:
    """The text of our licence, which goes with every copy of our C."""
    return _data("LICENSE")


def cache_is_off() -> bool:
    """Whether the user wants nothing kept that only saves time."""
    return os.environ.get("TINYEDGE_CACHE") == "off"


def cache() -> Path:
    """Our folder below the user's cache folder (TINYEDGE_CACHE overrides it); made when it is not there."""
    chosen = os.environ.get("TINYEDGE_CACHE")
    if chosen and not cache_is_off():
        folder = Path(os.path.expanduser(chosen))  # noqa: PTH111 (which leaves the ~ of nobody)
    else:
        from platformdirs import user_cache_path

        folder = user_cache_path("tinyedge", appauthor=False)
    make_folder(folder, hint="set TINYEDGE_CACHE to a folder that you can write to")
    return folder


def ending(file: Path) -> Path:
    """The file itself; OSError where it cannot be read, or is a device or a pipe, which may have no end.

    A stranger's folder may hold links to such.
    """
    mode = file.stat().st_mode
    if not stat.S_ISREG(mode):
        what = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "it is a device or a pipe"
        raise OSError(errno.EINVAL, what, str(file))
    return file


def read(file: Path, most: int = LARGEST_JSON) -> bytes:
    """The bytes of an `ending` file; OSError where it has more than `most`."""
    if ending(file).stat().st_size > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", str(file))
    return file.read_bytes()


def read_toml(file: Path) -> tuple[dict[str, Any], str]:
    """The table of a TOML file, and its text; UsageError when it cannot be read or is none."""
    try:
        data = read(file, _LARGEST_TOML)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error
    try:
        text = data.decode("utf-8")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not TOML: byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise UsageError(f"{file} is not TOML of ours: it is nested too deeply") from error
    except ValueError as error:  # not only TOMLDecodeError: an integer may have too many digits
        raise UsageError(f"{file} is not valid TOML: {error}", "correct that line") from error


def possible(path: str) -> str:
    """`path`, where a file system may have it (no NUL, parts of 255 bytes, 4,095 in all), else ValueError."""
    parts = path.encode("utf-8", "surrogatepass").split(b"/")
    if "\0" in path or max(map(len, parts)) > 255 or sum(map(len, parts)) + len(parts) > 4096:
        raise ValueError("no file can be called so")
    return path


def told(file: Path) -> str:
    """The path with `/`, as a TOML file may name it; UsageError where its bytes are not UTF-8."""
    path = file.as_posix()
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            f"{file} is a name that is not UTF-8, which no TOML file holds", "rename it"
        ) from None
    return path


def make_folder(folder: Path, hint: str = _ELSEWHERE) -> None:
    """Make `folder` and its parents; UsageError when the system refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {folder}: {error.strerror or error}", hint) from error


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write `data` (text as UTF-8) to `path`, whole or not at all; parents are made.

    A device or a pipe (/dev/stdout) is written to and not replaced. UsageError when the system refuses (no
    permission, disk full, `path` is a folder).
    """
    content = data.encode() if isinstance(data, str) else data
    if _is_stream(path):
        _write_stream(path, content)
        return
    make_folder(path.parent)
    beside = _beside(path)
    try:
        try:
            beside.write_bytes(content)
            beside.replace(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(f"cannot write {path}: {reason}", _ELSEWHERE) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    """Whether it is a device, a pipe or a socket, or a link of the system to what a process has open."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    systems = path.is_symlink() and path.absolute().parts[1:2] in (("dev",), ("proc",))
    return systems or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _write_stream(path: Path, data: bytes) -> None:
    try:
        # A pipe that nobody reads is refused at once. Stdout may be a file, in which something stands.
        number = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
        with open(number, "wb") as stream:  # noqa: PTH123
            os.set_blocking(number, True)
            stream.write(data)
    except OSError as error:
        raise UsageError(f"cannot write to {path}: {error.strerror or error}", _ELSEWHERE) from error


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path`, which is removed at the end of the block, however it ends.

    UsageError where `path` is a device or a pipe, in whose place nothing can be put.
    """
    if _is_stream(path):
        raise UsageError(f"{path} is a device or a pipe, and not replaced", "name a file")
    make_folder(path.parent)
    folder = _beside(path)
    try:
        make_folder(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary() -> Iterator[Path]:
    """Give an empty folder of this user's alone, below `temporary_place`; it is removed as that of `scratch`.

    What killed processes of ours left there is swept away.
    """
    folder = _beside(temporary_place() / "tinyedge")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def temporary_place() -> Path:
    """TMPDIR, or where the system has such files; UsageError where nothing can be written to any of them."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no place for temporary files: {error.strerror}",
            "make room there, or let TMPDIR name a folder that you can write to",
        ) from error


def move(source: Path, target: Path) -> None:
    """Put a file or folder in the place of `target`, on the same file system; UsageError when it cannot be.

    What stood at `target` is removed once the new one is there.
    """
    old = _beside(target)
    try:
        if target.is_dir():
            target.replace(old)
        source.replace(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.replace(target)
        raise UsageError(f"cannot write {target}: {error.strerror or error}", _ELSEWHERE) from error
    finally:
        shutil.rmtree(old, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a file if it is there; UsageError when the system refuses."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot remove {path}: {error.strerror or error}", _ELSEWHERE) from error


def _beside(path: Path) -> Path:
    """A name for something half made, in the same folder, so that a rename stays within one file system.

    It tells this machine, this process and, since a process makes several, a random number. What others left
    there is swept away.
    """
    sweep(path)
    return path.parent / f"{_half(path)}{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp"


def sweep(path: Path) -> None:
    """Remove what processes left half made for `path` when they were killed.

    Whoever writes `path` does that by itself; this is for a command that may find nothing to write.
    """
    start = _half(path)
    left = re.compile(re.escape(start) + r"(\d{1,10})-[0-9a-f]{12}\.tmp")
    try:
        found = [entry for entry in path.parent.iterdir() if entry.name.startswith(start)]
    except OSError:
        return
    for entry in found:
        match = left.fullmatch(entry.name)
        if match and _mine(entry) and not _alive(int(match[1])):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with suppress(OSError):
                    entry.unlink(missing_ok=True)


def _half(path: Path) -> str:
    return f".{path.name[:100]}.{_machine()}-"


def _machine() -> str:
    # Another machine, or container, may share the folder: of its processes we know nothing. A container with
    # the network of its host has its name, too.
    name = platform.node()
    with suppress(OSError):
        name += os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]


def _mine(entry: Path) -> bool:
    """Whether it is this user's: others may put anything into a folder for all."""
    with suppress(OSError):
        return sys.platform == "win32" or entry.lstat().st_uid == os.getuid()
    return False


def _alive(process: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)  # QUERY_LIMITED_INFORMATION
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
