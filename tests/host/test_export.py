# SPDX-License-Identifier: Apache-2.0
"""Every export compiles without a warning, runs and passes its self-check; manifests are as specified."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from tests.exports import MODEL, NAME, WARNINGS, ctest, library, run, tool, write
from tests.zoo import OURS
from tinyedge import export, toolchain
from tinyedge.commands.export import command
from tinyedge.errors import CheckFailed, ToolMissing, UsageError
from tinyedge.export import _folder
from tinyedge.export._library import Library

STUBS = Path(__file__).resolve().parents[1] / "export_stubs"
PASS = f"PASS, bit-exact: 10 outputs of {NAME}"


@pytest.fixture(scope="module")
def portable() -> Library:
    return library()


@pytest.fixture(scope="module")
def folders(portable: Library, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The model in every format."""
    base = tmp_path_factory.mktemp("exports")
    return {kind: write(portable, kind, base / kind / NAME) for kind in export.formats()}


def compile_c(folder: Path, sources: list[Path], includes: list[Path], out: str, *more: str) -> list[Path]:
    gcc = tool("gcc", "apt-get install gcc")
    objects = []
    for source in sources:
        target = folder / f"{out}_{source.stem}.o"
        include = [f"-I{path}" for path in includes]
        run([gcc, "-std=c11", "-O1", *WARNINGS, *more, *include, "-c", source, "-o", target], folder)
        objects.append(target)
    return objects


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
        (("-f", "micropython"), "no export format 'micropython' yet"),
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
    assert "Not measured for rv32imc: the compiler is gone." in (tmp_path / "out" / "README.md").read_text()
    main = (tmp_path / "out" / "examples" / "self_check" / "main" / "main.c").read_text()
    assert "what an inference needs is not known" in main and ", 20480, " in main


@pytest.mark.parametrize(
    ("model", "optimize"),
    [
        ("tiny_cnn", "size"),
        ("tiny_cnn_int16x8", "speed"),
        ("tiny_cnn_uint8_io", "speed"),
        ("tiny_ae_float_io", "size"),
        ("branches", "speed"),
    ],
)
def test_single_file_passes_its_self_check(model: str, optimize: str, tmp_path: Path) -> None:
    folder = write(library(model=OURS / f"{model}.tflite", optimize=optimize), "single", tmp_path / "out")
    name = f"te_{model}"
    sources = [folder / f"{name}.c", folder / "example" / "main.c", folder / "example" / f"{name}_check.c"]
    objects = compile_c(tmp_path, sources, [folder], "gcc", "-fsanitize=address,undefined")
    gcc = tool("gcc", "apt-get install gcc")
    run([gcc, "-fsanitize=address,undefined", *objects, "-o", "check"], tmp_path)
    assert run([tmp_path / "check"], tmp_path).startswith("PASS, bit-exact")


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


# Arduino: the library specification 1.5, revision 2.2 (arduino-cli, docs/library-specification.md), and the
# rules that arduino-lint makes of it.
_CATEGORIES = [
    "Display",
    "Communication",
    "Signal Input/Output",
    "Sensors",
    "Device Control",
    "Timing",
    "Data Storage",
    "Data Processing",
    "Other",
]


def test_arduino_library_is_as_specified(folders: Mapping[str, Path]) -> None:
    folder = folders["arduino"]
    lines = (folder / "library.properties").read_text().splitlines()
    properties = dict(line.split("=", 1) for line in lines)
    assert len(properties) == len(lines)
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"}
    assert required | {"architectures", "includes"} == set(properties) and all(properties.values())
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9 _.-]{0,62}", properties["name"])
    assert not properties["name"].lower().startswith("arduino")
    assert re.fullmatch(r"\d+\.\d+\.\d+", properties["version"])
    assert properties["category"] in _CATEGORIES
    assert properties["url"].startswith("https://")
    assert (folder / "src" / properties["includes"]).is_file()
    # What is below src/ is compiled, each C file on its own, and only headers for users are there.
    assert sorted(path.name for path in (folder / "src").iterdir()) == [f"{NAME}.c", f"{NAME}.h"]
    sketches = list((folder / "examples").iterdir())
    assert all((sketch / f"{sketch.name}.ino").is_file() for sketch in sketches) and sketches
    fields = [line.split("\t") for line in (folder / "keywords.txt").read_text().splitlines()]
    words = [field for field in fields if field != [""] and not field[0].startswith("#")]
    assert len(words) > 8
    assert all(len(word) == 2 and word[1] in ("KEYWORD1", "KEYWORD2", "LITERAL1") for word in words)
    header = (folder / "src" / f"{NAME}.h").read_text()
    assert all(word in header for word, _ in words)


@pytest.mark.parametrize("kind", ["arduino", "platformio"])
def test_arduino_sketch_runs(kind: str, folders: Mapping[str, Path], tmp_path: Path) -> None:
    folder = folders[kind]
    sketch = folder / "examples" / "self_check"
    places = {
        "arduino": (folder / "src", sketch, sketch / "self_check.ino"),
        "platformio": (folder / "include", sketch / "src", sketch / "src" / "main.cpp"),
    }
    public, own, application = places[kind]
    objects = compile_c(tmp_path, [folder / "src" / f"{NAME}.c", own / f"{NAME}_check.c"], [public, own], "c")
    gxx = [tool("g++", "apt-get install g++"), "-std=c++11", "-Wall", "-Wextra", "-Werror"]
    stub = STUBS / "arduino"
    includes = [f"-I{path}" for path in (public, own, stub)]
    # The IDE includes Arduino.h first, and compiles a sketch as C++.
    run(
        [
            *gxx,
            *includes,
            "-DARDUINO=10819",
            "-include",
            "Arduino.h",
            "-x",
            "c++",
            application,
            stub / "main.cpp",
            "-x",
            "none",
            *objects,
            "-o",
            "sketch",
        ],
        tmp_path,
    )
    said = run([tmp_path / "sketch"], tmp_path)
    assert said.startswith(PASS) and "one inference: 0 us\n" in said
    if kind == "platformio":
        run([*gxx, *includes, application, *objects, "-o", "native"], tmp_path)
        assert run([tmp_path / "native"], tmp_path).startswith(PASS)


def test_platformio_manifest_is_as_specified(
    folders: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders["platformio"]
    manifest = json.loads((folder / "library.json").read_text())
    assert {"name", "version", "description", "license", "headers", "build"} <= set(manifest)
    assert (folder / "include" / manifest["headers"]).is_file()
    (example,) = manifest["examples"]
    assert all((folder / example["base"] / file).is_file() for file in example["files"])
    (only,) = manifest["build"]["srcFilter"]
    assert (folder / "src" / only.removeprefix("+<").removesuffix(">")).is_file()
    if importlib.util.find_spec("platformio") is None:
        pytest.skip("PlatformIO's own validation is not installed (pip install platformio)")
    from platformio.package.manifest.parser import ManifestParserFactory
    from platformio.package.manifest.schema import ManifestSchema

    known = {"licenses": [{"licenseId": "Apache-2.0"}]}  # else downloaded
    monkeypatch.setattr(ManifestSchema, "load_spdx_licenses", staticmethod(lambda: known))
    for kind in ("platformio", "arduino"):
        parsed = ManifestParserFactory.new_from_dir(str(folders[kind])).as_dict()
        assert ManifestSchema().load_manifest(parsed)["name"] == NAME


def test_esp_idf_component_is_as_specified(folders: Mapping[str, Path], tmp_path: Path) -> None:
    folder = folders["esp-idf"]
    main = folder / "examples" / "self_check" / "main"
    registered = re.findall(r'"([^"]+)"', (folder / "CMakeLists.txt").read_text())
    assert registered == [f"src/{NAME}.c", "include"] and all((folder / path).exists() for path in registered)
    sources = [main / file for file in re.findall(r'"([^"]+\.c)"', (main / "CMakeLists.txt").read_text())]
    includes = [folder / "include", main, STUBS / "esp_idf"]
    objects = compile_c(tmp_path, [folder / "src" / f"{NAME}.c", *sources], includes, "c")
    run([tool("gcc", "apt-get install gcc"), *objects, "-o", "app"], tmp_path)
    said = run([tmp_path / "app"], tmp_path).splitlines()
    assert re.fullmatch(r"inference \d{4} 1 0", said[0]) and said[1] == PASS
    if importlib.util.find_spec("idf_component_tools") is None:
        pytest.skip("Espressif's own validation is not installed (pip install idf-component-manager)")
    from idf_component_tools.manager import ManifestManager

    assert ManifestManager(str(folder), NAME).validate().validation_errors == []


# Zephyr: what scripts/zephyr_module.py asks of module.yml, and Twister of sample.yaml.
def test_zephyr_module_is_as_specified(folders: Mapping[str, Path], tmp_path: Path) -> None:
    folder = folders["zephyr"]
    module = yaml.safe_load((folder / "zephyr" / "module.yml").read_text())
    assert module == {"name": NAME, "build": {"cmake": ".", "kconfig": "Kconfig"}, "samples": ["samples"]}
    for key, value in module["build"].items():
        assert (folder / value / ("CMakeLists.txt" if key == "cmake" else "")).is_file()
    sample = folder / module["samples"][0] / "self_check"
    facts = yaml.safe_load((sample / "sample.yaml").read_text())
    assert set(facts) == {"sample", "common", "tests"} and facts["common"]["harness"] == "console"
    symbol = re.search(r"^config (\w+)$", (folder / "Kconfig").read_text(), re.MULTILINE)
    assert symbol and f"CONFIG_{symbol[1]}=y" in (sample / "prj.conf").read_text().splitlines()
    assert f"if(CONFIG_{symbol[1]})" in (folder / "CMakeLists.txt").read_text()
    sources = [sample / file for file in re.findall(r"src/\w+\.c", (sample / "CMakeLists.txt").read_text())]
    includes = [folder / "include", STUBS / "zephyr"]
    objects = compile_c(tmp_path, [folder / "src" / f"{NAME}.c", *sources], includes, "c")
    run([tool("gcc", "apt-get install gcc"), *objects, "-o", "app"], tmp_path)
    (wanted,) = facts["common"]["harness_config"]["regex"]
    assert re.match(wanted, run([tmp_path / "app"], tmp_path))


def test_zephyr_asks_for_the_instructions_that_kernels_need(tmp_path: Path) -> None:
    folder = write(library("cortex-m55"), "zephyr", tmp_path / "out")
    assert "\tdepends on ARMV8_1_M_MVEI && FPU\n" in (folder / "Kconfig").read_text()
    assert "CONFIG_FPU=y\n" in (folder / "samples" / "self_check" / "prj.conf").read_text()


# As much of the two build systems as an export's own CMakeLists.txt calls.
_BUILD_SYSTEMS = {
    "esp-idf": """
function(idf_component_register)
  cmake_parse_arguments(IN "" "" "SRCS;INCLUDE_DIRS" ${ARGN})
  add_library(made STATIC ${IN_SRCS})
  target_include_directories(made PUBLIC ${IN_INCLUDE_DIRS})
  set(COMPONENT_LIB made PARENT_SCOPE)
endfunction()
""",
    "zephyr": """
set(CONFIG_TE_TINY_CNN y)
macro(zephyr_library_named name)
  add_library(made STATIC)
endmacro()
macro(zephyr_library_sources)
  target_sources(made PRIVATE ${ARGN})
endmacro()
macro(zephyr_library_compile_options)
  target_compile_options(made PRIVATE ${ARGN})
endmacro()
function(zephyr_include_directories folder)
  target_include_directories(made PUBLIC ${folder})
endfunction()
""",
}


@pytest.mark.parametrize("kind", _BUILD_SYSTEMS)
def test_the_cmake_of_another_build_system_makes_the_library(
    kind: str, folders: Mapping[str, Path], tmp_path: Path
) -> None:
    sample = next(folders[kind].rglob("main.c")).parent
    main = folders["cmake"] / "example" / "main.c"
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(outer C)\nenable_testing()\n"
        f"{_BUILD_SYSTEMS[kind]}\nadd_subdirectory({folders[kind]} library)\n"
        f"add_executable(app {main} {sample}/{NAME}_check.c)\n"
        f"target_include_directories(app PRIVATE {sample})\n"
        "target_link_libraries(app PRIVATE made)\nadd_test(NAME app COMMAND app)\n"
    )
    assert PASS in ctest(tmp_path, tmp_path / "build", " ".join(WARNINGS))
    commands = (tmp_path / "build").rglob("flags.make")
    assert any(" -O3" in file.read_text() for file in commands if "made.dir" in file.parts)


def test_every_readme_names_the_figures(folders: Mapping[str, Path], portable: Library) -> None:
    for kind, folder in folders.items():
        text = (folder / "README.md").read_text()
        assert f"| {portable.compiled.plan.arena_size:,} |" in text, kind
        assert all(f"| {figures.flash:,} |" in text for figures in portable.figures), kind
        assert "{{" not in text and "{%" not in text and "\n\n\n" not in text, kind
