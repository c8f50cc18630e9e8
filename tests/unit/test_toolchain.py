# SPDX-License-Identifier: Apache-2.0
"""Compilers are found by name, program or prefix; records of images are trusted only when they are intact."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests import toy_sources
from tinyedge import board, toolchain
from tinyedge.errors import TinyedgeError, ToolMissing, UsageError
from tinyedge.toolchain import build, compilers, elf, image, jobs
from tinyedge.toolchain.image import Image, StackBound, Symbol
from tinyedge.toolchain.jobs import Finished

_M55 = board.load("mps3-an547")
_HOST = board.load("host")
_S3 = board.load("esp32s3")


def _fake_compiler(folder: Path, name: str, defines: str = "#define __GNUC__ 12") -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n[ $1 = -dM ] && echo '{defines}' || echo {name} 1.2.3\n")
    file.chmod(0o755)
    return file


def test_the_default_compiler_comes_with_tinyedge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    tool = compilers.find(_M55)
    assert (tool.name, tool.family) == ("zig", "clang")
    assert tool.version.startswith("zig 0.17.")
    assert compilers.missing(_M55) is None


def test_a_missing_compiler_tells_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolMissing, match="gcc for mps3-an547") as error:
        compilers.find(_M55, "gcc")
    assert "apt-get install --no-install-recommends gcc-arm-none-eabi" in error.value.hint


@pytest.mark.parametrize("name", ["no-such-gcc", "/no/such/bin/arm-none-eabi-"])
def test_a_program_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ToolMissing, match=name):
        compilers.find(_M55, name)


def test_no_flags_are_guessed_for_a_compiler_that_the_core_does_not_know(tmp_path: Path) -> None:
    # Whatever it is called, it is what it says that it is.
    clang = _fake_compiler(tmp_path, "my-gcc", "#define __GNUC__ 4\n#define __clang__ 1")
    with pytest.raises(UsageError, match="no flags are known") as error:
        compilers.find(_M55, str(clang))
    assert "zig, gcc" in error.value.hint


def test_a_prefix_and_a_path_take_the_flags_of_their_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _fake_compiler(tmp_path, "my-arm-gcc")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    for name in ("my-arm-", str(program), "./my-arm-gcc"):
        tool = compilers.find(_M55, name)
        assert tool.family == "gcc"
        assert tool.version == "my-arm-gcc 1.2.3"
        command = tool.compile_command("a.c", "a.o", Path("out"), "speed")
        assert "-mcpu=cortex-m55" in command
        # It runs in another folder, whose path is not to be in what it makes.
        assert Path(command[0]).is_absolute() and f"-ffile-prefix-map={tmp_path.resolve()}/out=." in command


def test_the_vendors_compiler_is_the_default_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    _fake_compiler(tmp_path, "xtensa-lx106-elf-gcc")
    found = compilers.find(_S3)
    assert (found.name, found.family) == ("lx106", "gcc")
    assert "-DTE_LX_BYTES" in found.facts.flags
    for version in ("esp-13.2.0_20240530", "esp-14.2.0_20241119"):
        folder = tmp_path / ".espressif" / "tools" / "xtensa-esp-elf" / version / "xtensa-esp-elf" / "bin"
        folder.mkdir(parents=True)
        newest = _fake_compiler(folder, "xtensa-esp32s3-elf-gcc")
    assert compilers.default(_S3) == "espressif"
    assert compilers.find(_S3).facts.command == (str(newest),)
    assert compilers.missing(_S3) is None
    assert compilers.find(_S3, "lx106").name == "lx106"


def test_a_missing_default_names_what_installs_it_and_not_the_vendors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="lx106 for esp32s3") as error:
        compilers.find(_S3)
    assert "gcc-xtensa-lx106" in error.value.hint


def test_a_program_takes_the_flags_of_the_compiler_that_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    program = _fake_compiler(tmp_path, "xtensa-lx106-elf-gcc")
    assert "-DTE_LX_BYTES" in compilers.find(_S3, str(program)).facts.flags


def test_a_program_that_is_no_compiler_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken-gcc"
    file.write_text("#!/bin/sh\nexit 1\n")
    file.chmod(0o755)
    for program in (str(file), "/bin/true", "/bin/echo", "/bin/cat", sys.executable):
        with pytest.raises(UsageError, match="is no C compiler"):
            compilers.find(_HOST, program)


@pytest.mark.parametrize(("level", "flag"), [("speed", "-O3"), ("size", "-Os"), ("runtime", "-Oz")])
def test_only_the_model_may_use_builtin_functions_on_bare_metal(level: str, flag: str) -> None:
    tool = compilers.find(_M55)
    command = tool.compile_command("model.c", "m.o", Path(), level)
    assert flag in command
    assert ("-fno-builtin" in command) == (level == "runtime")


def test_region_overflow_says_how_much_of_what() -> None:
    tool = compilers.find(_M55)
    said = (
        "ld.lld: error: section '.text' will not fit in region 'flash': overflowed by 120 bytes\n"
        "ld.lld: error: section '.data' will not fit in region 'flash': overflowed by 300 bytes\n"
    )
    error = build._unlinked(tool, _M55, Finished((), 1, said))
    assert isinstance(error, UsageError)
    assert str(error) == "the image does not fit mps3-an547: flash (524,288 bytes) overflows by 300 bytes"
    gnu = build._unlinked(tool, _M55, Finished((), 1, "ld: region `ram' overflowed by 8 bytes"))
    assert str(gnu).endswith("ram (524,288 bytes) overflows by 8 bytes")


def test_an_undefined_symbol_is_named() -> None:
    error = build._unlinked(
        compilers.find(_M55), _M55, Finished((), 1, "ld.lld: error: undefined symbol: te_nothing")
    )
    assert isinstance(error, TinyedgeError)
    assert "te_nothing undefined" in str(error)


def _image(folder: Path) -> Image:
    file = folder / "firmware.elf"
    file.write_bytes(b"ELF")
    symbols = (Symbol("f", "model", ".text", 0, 10, 0), Symbol("g", "runtime", ".data", 16, 4, 4))
    bound = StackBound(64, "", (("f", 64),))
    return Image(file, (file,), "id", "zig", 14, 4, 4096, bound, symbols)


def test_a_record_gives_the_image_back(tmp_path: Path) -> None:
    made = _image(tmp_path)
    image.save(made, "key")
    assert image.load(tmp_path, "key") == made
    assert image.load(tmp_path, "other key") is None
    assert made.by_part() == {"model": {"flash": 10, "ram": 0}, "runtime": {"flash": 4, "ram": 4}}


def test_a_damaged_image_or_record_counts_as_none(tmp_path: Path) -> None:
    image.save(_image(tmp_path), "key")
    (tmp_path / "firmware.elf").write_bytes(b"ELf")
    assert image.load(tmp_path) is None
    image.save(_image(tmp_path), "key")
    for text in ("", "[]", "{}", '{"key": "key", "image": 3}', "\x00"):
        (tmp_path / image.RECORD).write_text(text)
        assert image.load(tmp_path) is None
        with pytest.raises(UsageError, match="no intact build"):
            image.open_built(tmp_path)


def test_parts_are_told_by_unit_and_name() -> None:
    parts = build._Parts(
        toy_sources.make(_HOST),
        {
            "te_toy_w0_weights": {"model.c"},
            "te_toy_c0_shift": {"model.c"},
            "te_add_portable": {"model.c"},
            "te_toy_layer0": {"model.c"},
            "hal_read": {"ports/host/start.c"},
            "state": {"runtime/a.c", "ports/host/start.c"},
        },
    )
    assert parts.of("te_toy_w0_weights", "model.c") == "weights"
    assert parts.of("te_toy_c0_shift", "") == "constants"
    assert parts.of("te_add_portable", "") == "kernels"
    assert parts.of("te_toy_layer0", "") == "model"
    assert parts.of("hal_read", "") == "port"
    assert parts.of("state", "a.c") == "runtime"
    assert parts.of("state", "start.c") == "port"
    assert parts.of("__aeabi_ldivmod", "") == "library"


def test_an_interrupt_stops_the_compilers_that_run(tmp_path: Path) -> None:
    """And what they started, as `gcc` starts `cc1`; one of them does not end when it is asked to."""
    told = tmp_path / "told"
    commands = [f"{trap} sleep 100 & echo $$ $! >> told; wait; wait" for trap in ("", "trap '' TERM;")]
    script = (
        "from pathlib import Path\nfrom tinyedge.toolchain import jobs\n"
        f"jobs.run_all([['sh', '-c', line] for line in {commands!r}], Path({str(tmp_path)!r}), {{}})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    started = time.monotonic()
    while not told.exists() or len(told.read_text().splitlines()) < min(2, os.cpu_count() or 1):
        assert process.poll() is None and time.monotonic() - started < 60
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)  # to Python alone, not to its children, as a CI system may do
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    for pid in told.read_text().split():
        with pytest.raises(ProcessLookupError):
            while time.monotonic() - started < 90:  # an orphan is there until init has seen its end
                os.kill(int(pid), 0)
                time.sleep(0.01)


def test_a_compiler_that_fails_shows_its_output_and_code(tmp_path: Path) -> None:
    ended = jobs.run([sys.executable, "-c", "print('no'); raise SystemExit(3)"], tmp_path, {})
    assert (ended.code, ended.text) == (3, "no\n")


def test_a_build_that_is_interrupted_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    sources = toy_sources.make(_M55)
    made = toolchain.compile(sources, _M55, out)
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}

    def interrupt(*args: object) -> Image:
        raise KeyboardInterrupt

    # Late: sources are written, compiled and linked by then.
    monkeypatch.setattr(build, "_measured", interrupt)
    with pytest.raises(KeyboardInterrupt):
        toolchain.compile(replace(sources, build_id="f" * 16), _M55, out)
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    assert toolchain.compile(sources, _M55, out) == made  # nothing to do, so nothing to interrupt
    with pytest.raises(KeyboardInterrupt):
        toolchain.compile(sources, _M55, tmp_path / "new")
    assert [found.name for found in tmp_path.iterdir()] == ["out"]


def test_symbols_and_padding_add_up_to_the_sections(tmp_path: Path) -> None:
    made = toolchain.compile(toy_sources.make(_M55), _M55, tmp_path)
    assert made.flash == sum(symbol.flash for symbol in made.symbols)
    assert made.ram == sum(symbol.ram for symbol in made.symbols)
    parts = made.by_part()
    assert parts["weights"] == {"flash": 3, "ram": 0}
    assert parts["stack"] == {"flash": 0, "ram": 4096}
    assert {"model", "port"} <= set(parts)
    assert parts["port"]["ram"] == 4  # ticks
    sizes = elf.measure(made.elf, _M55, lambda name, source: "other")
    assert (sizes.flash, sizes.ram) == (made.flash, made.ram)
