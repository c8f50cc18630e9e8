# SPDX-License-Identifier: Apache-2.0
"""Takes a folder of modules and a REPL, puts the form that fits onto the board's file system, verified."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinyedge.errors import DeviceError, UsageError
from tinyedge.line.repl import Interpreter, Repl
from tinyedge.micropython import mpy

FORMS = ("native/model.mpy", "viper/model.py", "plain/model.py")
SUBVERSIONS = (1, 2, 3)
"""Of .mpy 6, that our native code is for; MicroPython 1.20, 1.22 and 1.23 began to read them."""
_PIECE = 256  # bytes of the file in one text
_HEAP = "the board's heap is too small"
_NEW = "model_new"  # what the copy is called until it has been imported: a module of that name
_SECONDS = 60.0  # for hashing, and for an import that compiles
_VIPER = "import micropython\n@micropython.viper\ndef f(a:ptr8):\n pass\n"
_HASH = """import hashlib
h=hashlib.sha256()
with open('{new}','rb') as f:
 b=f.read(256)
 while b:
  h.update(b)
  b=f.read(256)
print(''.join('%02x'%i for i in h.digest()))
"""
_SPACE = (
    "import os\ns=os.statvfs(os.getcwd()) if hasattr(os,'statvfs') else None\nprint(s[0]*s[3] if s else -1)"
)
_TRY = f"""import gc,sys
sys.modules.pop('model',None)
sys.modules.pop('{_NEW}',None)
globals().pop('model',None)
gc.collect()
import {_NEW}
{_NEW}.init()
"""
_FORGET = f"""import gc,sys
sys.modules.pop('{_NEW}',None)
globals().pop('{_NEW}',None)
gc.collect()
print(gc.mem_free())
"""
# Of `model.py` and `model.mpy` the import takes the first. What was imported stays so, under its name.
_RENAME = f"""import os,sys
for n in ('model.py','model.mpy'):
 try:os.remove(n)
 except OSError:pass
os.rename('{{new}}','{{name}}')
sys.modules['model']=model=sys.modules.pop('{_NEW}')
del {_NEW}
"""
_REMOVE = f"import os\nfor n in ('{_NEW}.py','{_NEW}.mpy'):\n try:os.remove(n)\n except OSError:pass"
_NO_SPACE = r"OSError: (\[Errno )?(28\b|ENOSPC)"

Progress = Callable[[int], object]  # called with the bytes that were copied since


@dataclass(frozen=True)
class Deployed:
    """What is on the board now. unfit: why a form before it is not there instead, by its file."""

    file: str
    size: int
    interpreter: Interpreter
    unfit: dict[str, str]


def is_here(folder: Path) -> bool:
    """Whether `folder` holds modules."""
    return any((folder / form).is_file() for form in FORMS)


def deploy(repl: Repl, folder: Path, progress: Progress = lambda size: None) -> Deployed:
    """Copy the first of `FORMS` that the board can run, and import it there.

    The module that was there goes when the new one is whole and was imported. UsageError where no form fits
    the board, its heap or its file system; DeviceError where the line, the file system or the import fails.
    """
    interpreter = repl.interpreter()
    unfit: dict[str, str] = {}
    for form in FORMS:
        file = folder / form
        if not file.is_file():
            continue
        data = file.read_bytes()
        why = _unfit(form, data, interpreter, repl)
        if why is None:
            if form.startswith("native") and interpreter.mpy is not None:
                data = mpy.readable_by(data, interpreter.mpy[1])
            new = f"{_NEW}{file.suffix}"
            _copy(repl, new, data, progress)
            why = _beyond_heap(repl)
        if why is None:
            repl.run(_RENAME.format(new=new, name=file.name))
            return Deployed(form, len(data), interpreter, unfit)
        unfit[form] = why
    said = "; ".join(f"{form}: {why}" for form, why in unfit.items())
    raise UsageError(f"no form of the module in {folder} fits the board: {said}", _hint(said))


def _hint(said: str) -> str:
    if _HEAP not in said:
        return "build for this board"
    return (
        "native/romfs.img leaves the weights in flash: `mpremote romfs deploy`, on boards that have a ROMFS"
    )


def _beyond_heap(repl: Repl) -> str | None:
    """Import what was copied; why the board's memory is too small for that, None where it is not."""
    try:
        repl.run(_TRY, _SECONDS)
    except DeviceError as error:
        free = repl.numbers(_FORGET)[0]
        repl.run(_REMOVE)
        found = re.search(r"MemoryError.*", str(error))
        if found is None:
            raise
        return f"{_HEAP} ({free:,} bytes are free): {found[0]}"
    return None


def _unfit(form: str, data: bytes, interpreter: Interpreter, repl: Repl) -> str | None:
    if form.startswith("native"):
        return incompatible(data, interpreter)
    if form.startswith("viper"):
        try:
            repl.run(_VIPER)
        except DeviceError:
            return "the board's MicroPython compiles no viper"
    return None


def incompatible(data: bytes, interpreter: Interpreter) -> str | None:
    """Why this MicroPython does not load a native module; None where it does."""
    module = mpy.read(data)
    needs = f"it is .mpy {mpy.VERSION}.{SUBVERSIONS[0]} to {SUBVERSIONS[-1]}, of MicroPython 1.20 and later"
    if interpreter.mpy is None:
        return f"{needs}, and the board reads no .mpy files"
    version, subversion, native = interpreter.mpy
    if version != mpy.VERSION or subversion not in SUBVERSIONS:
        release = ".".join(map(str, interpreter.version))
        return f"{needs}, and the board's {release} reads {version}.{subversion}"
    if not mpy.runs(module.native, native):
        return f"it is code for {mpy.name_of(module.native)}, and the board runs {mpy.name_of(native)}"
    return None


def _copy(repl: Repl, new: str, data: bytes, progress: Progress) -> None:
    """Write the file `new`, and hash it there; the module that the board has stays as it is."""
    repl.run(_REMOVE)
    free = repl.numbers(_SPACE)[0]
    if 0 <= free < len(data):
        raise UsageError(
            f"the board has {free:,} bytes free, and the module has {len(data):,}",
            "remove files from the board",
        )
    done = 0
    try:
        repl.run(f"f=open('{new}','wb')")
        while done < len(data):
            piece = data[done : done + _PIECE]
            repl.run(f"f.write({piece!r})")
            done += len(piece)
            progress(len(piece))
        repl.run("f.close()")
        found = repl.run(_HASH.format(new=new), _SECONDS).strip()
    except DeviceError as error:
        if re.search(_NO_SPACE, str(error)):
            repl.run(f"f.close()\n{_REMOVE}")
            raise UsageError(
                f"the board's file system is full, and the module has {len(data):,} bytes",
                "remove files from the board",
            ) from error
        raise DeviceError(
            f"{error}; {done:,} of {len(data):,} bytes were copied, and the board keeps the module it had",
            error.hint or "try again",
        ) from error
    if found != hashlib.sha256(data).hexdigest():
        repl.run(_REMOVE)
        raise DeviceError(f"the board holds something else than was sent ({found[:16]}...)", "try again")
