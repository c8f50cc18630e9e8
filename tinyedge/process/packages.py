# SPDX-License-Identifier: Apache-2.0
"""Takes a program's name, gives the packages that bring it: the only place that says what is ever installed.

Board files name programs and no commands, so that a file that came with a project installs nothing.
"""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

APT = "apt-get install --no-install-recommends "
PIP = "pip install "
_DEBIAN = {
    "arm-none-eabi-gcc": ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi"),
    "clang": ("clang", "libc6-dev"),
    "gcc": ("gcc", "libc6-dev"),
    "qemu-system-arm": ("qemu-system-arm",),
    "qemu-system-riscv32": ("qemu-system-misc",),
    "qemu-system-xtensa": ("qemu-system-misc",),
    "riscv64-unknown-elf-gcc": ("gcc-riscv64-unknown-elf",),
    "xtensa-lx106-elf-gcc": ("gcc-xtensa-lx106",),
}
_PYPI = {
    "esptool": "esptool>=5,<6",
    "labwired": "labwired>=0.25,<0.26",
    "onnx2tf": "onnx2tf==2.6.9",
    "ppk2lab": "ppk2lab>=0.5,<0.6",
    "pyjoulescope_driver": "pyjoulescope_driver>=2.2,<3",
    "pyocd": "pyocd",
    "stm32loader": "stm32loader",
    "tensorflow": "tinyedge[keras]",
    "zig": "ziglang>=0.17,<0.18",
}
# Espressif's installer, which is in neither registry.
_OTHERS = {
    "xtensa-esp32-elf-gcc": "idf_tools.py install xtensa-esp-elf",
    "xtensa-esp32s3-elf-gcc": "idf_tools.py install xtensa-esp-elf",
}
_SECONDS = 10


@dataclass(frozen=True)
class Package:
    """`source` is "apt" or "pip"; `version` what is installed here, None when it is not."""

    source: str
    name: str
    version: str | None


def install(program: str) -> str:
    """The command that installs `program` (a file's name, or that of a Python module)."""
    if program in _DEBIAN:
        return APT + " ".join(_DEBIAN[program])
    if program in _PYPI:
        return PIP + shlex.quote(_PYPI[program])
    return _OTHERS.get(program, f"put {program} on PATH")


def requirement(program: str) -> str:
    """What PyPI is asked for to get `program`."""
    return _PYPI[program]


def of(program: str) -> tuple[Package, ...]:
    """The packages that bring `program`, and which version of each is here; none where no registry has it."""
    if program in _DEBIAN:
        versions = _installed(_DEBIAN[program])
        return tuple(Package("apt", name, versions.get(name)) for name in _DEBIAN[program])
    if program in _PYPI:
        name = re.split(r"[\[<>=]", _PYPI[program])[0]
        name = program if name == "tinyedge" else name
        return (Package("pip", name, version(name)),)
    return ()


def version(package: str) -> str | None:
    """The version of a package of PyPI; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _installed(names: Iterable[str]) -> dict[str, str]:
    """Debian package -> version, of those that are installed; nothing on a system without dpkg."""
    if shutil.which("dpkg-query") is None:
        return {}
    form = "${db:Status-Status} ${binary:Package} ${Version}\n"
    try:
        ended = subprocess.run(
            ["dpkg-query", "--show", f"--showformat={form}", *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            check=False,
            cwd=Path("/"),
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = (line.split() for line in ended.stdout.splitlines())
    return {row[1].partition(":")[0]: row[2] for row in rows if row[0] == "installed" and len(row) == 3}
