# SPDX-License-Identifier: Apache-2.0
"""Real compilers make the same bytes in any folder, skip what is done, and are quoted when they refuse."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import toy_sources
from tests.conftest import lacking
from tinyedge import board, made, paths, toolchain
from tinyedge.errors import TinyedgeError, UsageError
from tinyedge.options import Optimize, Options
from tinyedge.toolchain import compilers, image

_CASES = [("host", "zig"), ("host", "gcc"), ("mps3-an547", "zig"), ("mps3-an547", "gcc")]


def _needs(name: str, compiler: str) -> board.Board:
    found = board.load(name)
    install = compilers.missing(found, compiler)
    if install:
        lacking(f"{compiler} for {name} is not installed ({install})")
    return found


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize(("name", "compiler"), _CASES)
def test_two_folders_get_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, compiler: str, optimize: Optimize
) -> None:
    monkeypatch.setenv("TINYEDGE_CACHE", "off")
    target = _needs(name, compiler)
    sources = toy_sources.make(target, Options(optimize, compiler=compiler))
    first = toolchain.compile(sources, target, tmp_path / "a")
    second = toolchain.compile(sources, target, tmp_path / "somewhere" / "else entirely")
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert str(tmp_path).encode() not in first.elf.read_bytes()
    held = sorted(found.name for found in (tmp_path / "a").iterdir())
    assert held == ["firmware.elf", "image.json", "src", "tinyedge-made.json"]


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_host_image_runs(tmp_path: Path, compiler: str) -> None:
    host = _needs("host", compiler)
    made = toolchain.compile(toy_sources.make(host, Options(compiler=compiler)), host, tmp_path)
    assert subprocess.run([made.elf], timeout=10).returncode == 0  # the toy checks 1 + 2 == 3
    assert made.stack.bytes is None


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_both_compilers_bound_the_stack_of_the_m55(tmp_path: Path, compiler: str) -> None:
    target = _needs("mps3-an547", compiler)
    made = toolchain.compile(toy_sources.make(target, Options(compiler=compiler)), target, tmp_path)
    assert made.stack.bytes is not None, made.stack.reason
    assert 108 <= made.stack.bytes <= 256
    assert made.stack_size == 4096


def test_a_second_build_compiles_nothing(tmp_path: Path) -> None:
    target = _needs("mps3-an547", "zig")
    sources = toy_sources.make(target)
    first = toolchain.compile(sources, target, tmp_path)
    stamp = first.elf.stat().st_mtime_ns
    left = tmp_path / f".src.{paths._machine()}-999999999-0123456789ab.tmp"
    left.mkdir()  # the first was killed as it cleared up
    assert toolchain.compile(sources, target, tmp_path) == first
    assert first.elf.stat().st_mtime_ns == stamp and not left.exists()


def test_a_build_is_whole_once_the_list_of_what_we_made_is(tmp_path: Path) -> None:
    """The last to be written: what a kill before that left was taken for a build, and stayed in the list."""
    target = _needs("host", "gcc")
    sources = toy_sources.make(target, Options(compiler="gcc"))
    toolchain.compile(sources, target, tmp_path)
    whole = (tmp_path / made.RECORD).read_text()
    record = json.loads(whole)
    record["files"][image.RECORD] = ["0" * 64, record["files"][image.RECORD]]
    (tmp_path / made.RECORD).write_text(json.dumps(record))
    toolchain.compile(sources, target, tmp_path)
    assert (tmp_path / made.RECORD).read_text() == whole


def test_any_change_builds_again(tmp_path: Path) -> None:
    target = _needs("mps3-an547", "zig")
    sources = toy_sources.make(target)
    first = toolchain.compile(sources, target, tmp_path).elf.read_bytes()
    (tmp_path / "firmware.elf").write_bytes(first[:-1])
    with pytest.raises(UsageError, match=r"firmware\.elf was edited since tinyedge made it"):
        toolchain.compile(sources, target, tmp_path)
    (tmp_path / "firmware.elf").unlink()
    assert toolchain.compile(sources, target, tmp_path).elf.read_bytes() == first
    shutil.rmtree(tmp_path / "src")
    toolchain.compile(sources, target, tmp_path)
    assert (tmp_path / "src" / "model.c").is_file()
    changed = toy_sources.make(target, model='#include "model.h"\nint run(int x) { return x; }\n')
    assert toolchain.compile(changed, target, tmp_path).elf.read_bytes() != first


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_an_image_too_large_says_by_how_much(tmp_path: Path, compiler: str) -> None:
    target = _needs("mps3-an547", compiler)
    model = '#include "model.h"\nstatic volatile char big[600000];\nint run(int x) { return big[x]; }\n'
    with pytest.raises(
        UsageError, match=r"does not fit mps3-an547: ram \(524,288 bytes\) overflows by [\d,]+"
    ):
        toolchain.compile(
            toy_sources.make(target, Options(compiler=compiler), model=model), target, tmp_path / "out"
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    ["return y;", "char narrow = x; return narrow;"],  # an error, and a warning that counts as one
)
def test_c_that_does_not_compile_is_our_defect_and_leaves_the_last_build(tmp_path: Path, body: str) -> None:
    target = _needs("mps3-an547", "zig")
    good = toolchain.compile(toy_sources.make(target), target, tmp_path)
    bad = toy_sources.make(target, model=f'#include "model.h"\nint run(int x) {{ {body} }}\n')
    with pytest.raises(TinyedgeError, match=r"could not compile model\.c: model\.c:\d+:\d+: error") as error:
        toolchain.compile(bad, target, tmp_path)
    assert "defect" in error.value.hint
    assert toolchain.compile(toy_sources.make(target), target, tmp_path) == good


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    target = _needs("mps3-an547", "zig")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match=r"cannot make the folder .*file"):
        toolchain.compile(toy_sources.make(target), target, tmp_path / "file" / "out")


def test_of_what_is_no_elf_file_nothing_is_measured(tmp_path: Path) -> None:
    """As on macOS and Windows: a linker that writes another format, here the first word of Mach-O's."""
    host = _needs("host", "gcc")
    linker = tmp_path / "gcc"
    linker.write_text(
        '#!/bin/sh\ngcc "$@" || exit\n'
        'case "$*" in *firmware.elf*) ;; *) exit 0 ;; esac\n'
        'printf "\\317\\372\\355\\376" | dd of=../firmware.elf conv=notrunc status=none\n'
    )
    linker.chmod(0o755)
    sources = toy_sources.make(host, Options(compiler=str(linker)))
    made = toolchain.compile(sources, host, tmp_path / "out")
    assert made.elf.read_bytes()[:4] == b"\xcf\xfa\xed\xfe"
    assert (made.flash, made.ram, made.stack.bytes, made.symbols, made.by_part()) == (
        None,
        None,
        None,
        (),
        {},
    )
    assert "no ELF file" in made.stack.reason
    assert toolchain.compile(sources, host, tmp_path / "out") == made


def test_a_sanitizer_can_be_asked_for(tmp_path: Path) -> None:
    host = _needs("host", "gcc")
    model = '#include "model.h"\nint run(int x) { return 0x7fffffff + x; }\n'
    flags = ("-fsanitize=undefined", "-fno-sanitize-recover")
    sources = toy_sources.make(host, Options(compiler="gcc"), model=model)
    made = toolchain.compile(sources, host, tmp_path, flags)
    ended = subprocess.run([made.elf], capture_output=True, text=True, timeout=10)
    assert ended.returncode != 0
    assert "signed integer overflow" in ended.stderr
