# SPDX-License-Identifier: Apache-2.0
"""The command exports what compiles without a warning, runs, and passes or fails its self-check rightly."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests import single_op
from tests.exports import MODEL, NAME, WARNINGS, compile_c, ctest, library, run, tool, write
from tests.host import test_states as states
from tests.zoo import OURS
from tinyedge import export, ops, toolchain
from tinyedge.commands.export import command
from tinyedge.errors import CheckFailed, ToolMissing, UsageError
from tinyedge.export import _folder
from tinyedge.export._library import Library
from tinyedge.options import CHOICES, Optimize, Options

PASS = f"PASS, bit-exact: 10 outputs of {NAME}"


@pytest.fixture(scope="module")
def portable() -> Library:
    return library()


@pytest.fixture(scope="module")
def folders(portable: Library, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The model in every format."""
    base = tmp_path_factory.mktemp("exports")
    return {kind: write(portable, kind, base / kind / NAME) for kind in export.formats()}


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(
        command, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False
    )


def test_the_command_writes_the_same_bytes_twice_and_tells_figures(tmp_path: Path) -> None:
    documents = []
    for name in ("a", "b"):
        arguments = ("--format", "cmake", "--core", "rv32imc", "--optimize", "size", "-o", tmp_path / name)
        documents.append(json.loads(invoke(MODEL, *arguments, "--json").stdout))
        assert documents[-1].pop("folder") == str(tmp_path / name)
    first, second = documents
    assert first == second
    for entry in first["files"]:
        content = (tmp_path / "a" / entry["path"]).read_bytes()
        assert len(content) == entry["bytes"]
        assert content == (tmp_path / "b" / entry["path"]).read_bytes()
        assert b"/tmp" not in content
    assert (tmp_path / "a" / _folder.RECORD).read_bytes() == (tmp_path / "b" / _folder.RECORD).read_bytes()
    names = {entry["path"] for entry in first["files"]}
    assert {"LICENSE", "NOTICE", "README.md", f"include/{NAME}.h", f"src/{NAME}.c"} <= names
    assert first["core"] == "rv32imc" and first["compiler_flags"] == ["-Os"]
    (measured,) = first["measured"]
    assert measured["flash"] == measured["code"] + measured["constants"] + measured["weights"]
    assert 0 < first["flash"]["weights"] < measured["flash"] < 40_000
    assert 100 < measured["stack"] < 4000
    assert first["ram"]["arena"] == 1936


def test_the_board_of_a_project_gives_the_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tinyedge.toml").write_text(f'model = "{MODEL}"\nboard = "mps2-an386"\n')
    monkeypatch.chdir(tmp_path)
    made = json.loads(invoke("-f", "single", "--json").stdout)
    assert made["core"] == "cortex-m4" and "dsp" in made["kernels"]
    assert (tmp_path / "build" / "export" / "single" / NAME / f"{NAME}.c").is_file()
    assert json.loads(invoke("-f", "single", "--core", "portable", "--json").stdout)["kernels"] == [
        "portable"
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "rust"), "no export format 'rust' yet"),
        (("-f", "single", "--core", "z80"), "no core 'z80'"),
        (("-f", "esp-idf", "--core", "cortex-m55"), "ESP-IDF is for Espressif's chips"),
        (("-f", "single", "--rounding", "tflm"), "by LiteRT's outputs"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        invoke(MODEL, *arguments, "-o", tmp_path / "out")
    assert error.value.hint
    assert not any(tmp_path.iterdir())


def test_recorded_inputs_become_the_self_check(tmp_path: Path) -> None:
    frames = np.random.default_rng(1).integers(-128, 127, (40, 24, 20, 3), np.int8, endpoint=True)
    np.savez(tmp_path / "recording.npz", x=frames)
    arguments = (MODEL, "-f", "single", "--replay", tmp_path / "recording.npz", "-o", tmp_path / "out")
    invoke(*arguments)
    text = (tmp_path / "out" / "example" / f"{NAME}_check.c").read_text()
    rows = re.search(r"input_given\[FRAMES\]\[1440\] = \{\s*\{([^}]*)\}", text)
    assert rows
    given = np.array(rows[1].replace(",", " ").split(), np.int8).reshape(24, 20, 3)
    assert any(np.array_equal(given, frame) for frame in frames)
    invoke(*arguments, "--check")
    with pytest.raises(CheckFailed, match="is not what would be exported"):
        invoke(MODEL, "-f", "single", "-o", tmp_path / "out", "--check")
    with pytest.raises(UsageError):
        invoke(MODEL, "-f", "single", "--replay", tmp_path / "none.npz", "-o", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_figures_that_cannot_be_measured_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: Any) -> None:
        raise ToolMissing("the compiler is gone")

    monkeypatch.setattr(toolchain, "compile", fails)
    made = invoke(MODEL, "-f", "esp-idf", "--core", "rv32imc", "-o", tmp_path / "out", "--json")
    assert "warning: not measured for rv32imc: the compiler is gone" in made.stderr
    (measured,) = json.loads(made.stdout)["measured"]
    assert measured["flash"] is None and measured["missing"] == "the compiler is gone"
    assert "Not measured for `rv32imc`: the compiler is gone." in (tmp_path / "out" / "README.md").read_text()
    main = (tmp_path / "out" / "examples" / "self_check" / "main" / "main.c").read_text()
    assert "what an inference needs is not known" in main and ", 20480, " in main


@pytest.mark.parametrize(
    ("model", "optimize"),
    [
        ("tiny_cnn", "size"),
        ("tiny_cnn", "balanced"),
        ("tiny_cnn_int16x8", "speed"),
        ("tiny_cnn_uint8_io", "speed"),
        ("tiny_ae_float_io", "size"),
        ("branches", "speed"),
    ],
)
def test_single_file_passes_its_self_check(model: str, optimize: Optimize, tmp_path: Path) -> None:
    folder = write(
        library(model=OURS / f"{model}.tflite", options=Options(optimize)), "single", tmp_path / "out"
    )
    name = f"te_{model}"
    sources = [folder / f"{name}.c", folder / "example" / "main.c", folder / "example" / f"{name}_check.c"]
    objects = compile_c(tmp_path, sources, [folder], "gcc", "-fsanitize=address,undefined")
    gcc = tool("gcc", "apt-get install gcc")
    run([gcc, "-fsanitize=address,undefined", *objects, "-o", "check"], tmp_path)
    assert run([tmp_path / "check"], tmp_path).startswith("PASS, bit-exact")


def test_a_model_of_truth_values_checks_itself(tmp_path: Path) -> None:
    case = next(
        case for case in ops.lookup("SELECT").cases() if "bool" in {t and t.dtype for t in case.inputs}
    )
    file = tmp_path / "select.tflite"
    file.write_bytes(single_op.single(case))
    folder = write(library(model=file), "single", tmp_path / "out")
    sources = [*folder.glob("*.c"), *folder.glob("example/*.c")]
    gcc = tool("gcc", "apt-get install gcc")
    objects = compile_c(tmp_path, sources, [folder], "gcc", "-fsanitize=address,undefined")
    run([gcc, "-fsanitize=address,undefined", *objects, "-o", "check"], tmp_path)
    assert run([tmp_path / "check"], tmp_path).startswith("PASS, bit-exact")


def test_a_balanced_export_is_one_unit_with_both_kinds(tmp_path: Path) -> None:
    """What is small says so to GCC; the README tells whom to ask what, and other exports nothing of it."""
    made = {optimize: library(options=Options(optimize)) for optimize in CHOICES["optimize"]}  # type: ignore[arg-type]
    for optimize, each in made.items():
        folder = write(each, "arduino", tmp_path / optimize)
        source = (folder / "src" / "te_tiny_cnn.c").read_text()
        told = (folder / "README.md").read_text()
        marked = re.findall(r"^static TE_SMALL ", source, re.MULTILINE)
        assert bool(marked) == (optimize == "balanced")
        assert ("Layers with little work are small instead" in told) == bool(marked)
        level = "-Os" if optimize == "size" else "-O3"
        assert f"compile with `{level}`" in told and each.level == level
        assert ('#pragma GCC optimize("O3")' in source) == (level == "-O3")
        assert each.describe()["optimize"] == optimize


def test_a_model_with_a_state_checks_itself_as_one_stream(tmp_path: Path) -> None:
    file = tmp_path / "smoother.tflite"
    file.write_bytes(states.smoother())
    made = library(model=file)
    assert made.check.frames == 4 and made.describe()["ram"]["state"] == 4
    folder = write(made, "single", tmp_path / "out")
    source = folder / "te_smoother.c"
    sources = [source, folder / "example" / "main.c", folder / "example" / "te_smoother_check.c"]

    def said(code: int) -> str:
        objects = compile_c(tmp_path, sources, [folder], "gcc", "-fsanitize=address,undefined")
        gcc = tool("gcc", "apt-get install gcc")
        run([gcc, "-fsanitize=address,undefined", *objects, "-o", "check"], tmp_path)
        return run([tmp_path / "check"], tmp_path, code)

    assert said(0).startswith("PASS, bit-exact: 16 outputs of te_smoother\n")
    # With another initial value the first frame is wrong, in the layer that reads it.
    text = source.read_text()
    initial = re.sub(r"(te_smoother_s0_initial\[4\] = \{\s*)9,", r"\g<1>10,", text)
    assert initial != text
    source.write_text(initial)
    assert re.search(r"^FAIL: \d+ of 16 outputs differ, first in layer before$", said(1), re.MULTILINE)


def test_single_file_by_clang_and_its_header_by_cxx(folders: Mapping[str, Path], tmp_path: Path) -> None:
    folder = folders["single"]
    sources = [f"{NAME}.c", "example/main.c", f"example/{NAME}_check.c"]
    zig = [sys.executable, "-m", "ziglang", "cc", "-fno-sanitize=all"]
    run([*zig, "-std=c11", "-O3", *WARNINGS, "-I.", *sources, "-o", tmp_path / "clang"], folder)
    assert run([tmp_path / "clang"], folder).startswith(PASS)
    cxx = tmp_path / "user.cpp"
    cxx.write_text(
        f'#include "{NAME}.h"\n#include "example/{NAME}_check.h"\nvoid f(void *a) {{ {NAME}_run(a); }}\n'
    )
    gxx = tool("g++", "apt-get install g++")
    run(
        [
            gxx,
            "-std=c++11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            f"-I{folder}",
            "-c",
            cxx,
            "-o",
            "/dev/null",
        ],
        tmp_path,
    )


def test_a_wrong_weight_fails_and_names_its_layer(folders: Mapping[str, Path], tmp_path: Path) -> None:
    folder = folders["single"]
    text = (folder / f"{NAME}.c").read_text()
    layers = list(re.finditer(r"int8_t te_tiny_cnn_w(\d+)_weights\[\d+\] = \{\s*(-?\d+)", text))
    wrong = layers[1]
    value = int(wrong[2])
    changed = text[: wrong.start(2)] + str(value - 100 if value > 0 else value + 100) + text[wrong.end(2) :]
    (tmp_path / f"{NAME}.c").write_text(changed)
    sources = [tmp_path / f"{NAME}.c", folder / "example" / "main.c", folder / "example" / f"{NAME}_check.c"]
    objects = compile_c(tmp_path, sources, [folder], "wrong")
    run([tool("gcc", "apt-get install gcc"), *objects, "-o", "check"], tmp_path)
    said = run([tmp_path / "check"], tmp_path, code=1)
    assert re.match(
        r"FAIL: \d+ of 10 outputs differ, first in layer tiny_cnn_1/relu6_1/Relu6$", said, re.MULTILINE
    )


def test_two_models_live_in_one_program(folders: Mapping[str, Path], tmp_path: Path) -> None:
    other = write(library(model=OURS / "tiny_ae.tflite"), "cmake", tmp_path / "other")
    first = folders["cmake"]
    main = tmp_path / "main.c"
    main.write_text(
        f'#include "{NAME}.h"\n#include "te_tiny_ae.h"\n'
        "static _Alignas(16) uint8_t arena[4096];\n"
        f"int main(void) {{ {NAME}_run(arena); te_tiny_ae_run(arena); return 0; }}\n"
    )
    sources = [main, first / "src" / f"{NAME}.c", other / "src" / "te_tiny_ae.c"]
    objects = compile_c(tmp_path, sources, [first / "include", other / "include"], "two")
    run([tool("gcc", "apt-get install gcc"), *objects, "-o", "both"], tmp_path)
    run([tmp_path / "both"], tmp_path)


def test_cmake_project_tests_itself_and_is_a_library_of_another(
    folders: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = folders["cmake"]
    assert PASS in ctest(folder, tmp_path / "alone", " ".join(WARNINGS))
    outer = tmp_path / "outer"
    outer.mkdir()
    (outer / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(outer C)\nenable_testing()\n"
        f"add_subdirectory({folder} model)\nadd_executable(app main.c)\n"
        f"target_link_libraries(app PRIVATE tinyedge::{NAME})\nadd_test(NAME app COMMAND app)\n"
    )
    (outer / "main.c").write_text(
        f'#include "{NAME}.h"\nstatic _Alignas(4) uint8_t a[{NAME.upper()}_ARENA_SIZE];\n'
        f"int main(void) {{ {NAME}_run(a); return 0; }}\n"
    )
    said = ctest(outer, tmp_path / "inner", " ".join(WARNINGS))
    assert "1/1 Test #1: app" in said


def test_kernels_for_another_core_are_refused_by_the_compiler_in_words(tmp_path: Path) -> None:
    folder = write(library("cortex-m55"), "single", tmp_path / "out")
    gcc = tool("gcc", "apt-get install gcc")
    said = run([gcc, "-std=c11", "-c", f"{NAME}.c", "-o", "/dev/null"], folder, code=1)
    assert "kernels are for Helium: compile for it, as with -mcpu=cortex-m55" in said


def test_every_readme_names_the_figures(folders: Mapping[str, Path], portable: Library) -> None:
    for kind, folder in folders.items():
        text = (folder / "README.md").read_text()
        assert f"| {portable.compiled.plan.arena_size:,} |" in text, kind
        assert all(f"| {figures.flash:,} |" in text for figures in portable.figures), kind
        assert "{{" not in text and "{%" not in text and "\n\n\n" not in text, kind
