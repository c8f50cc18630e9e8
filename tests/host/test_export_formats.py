# SPDX-License-Identifier: Apache-2.0
"""Exports for other people's build systems are as these specify, compile against their calls, and run."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.conftest import absent
from tests.exports import NAME, WARNINGS, compile_c, ctest, library, run, tool, write
from tinyedge import export

STUBS = Path(__file__).resolve().parents[1] / "export_stubs"
PASS = f"PASS, bit-exact: 10 outputs of {NAME}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The model in every format."""
    base, made = tmp_path_factory.mktemp("exports"), library()
    return {kind: write(made, kind, base / kind / NAME) for kind in export.formats()}


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
        absent("PlatformIO's own validation is not installed (pip install platformio)")
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
        absent("Espressif's own validation is not installed (pip install idf-component-manager)")
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
