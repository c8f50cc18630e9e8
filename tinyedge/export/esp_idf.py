# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives an ESP-IDF component: CMakeLists.txt, idf_component.yml, an example project."""

from __future__ import annotations

from tinyedge.errors import UsageError
from tinyedge.export._library import Library

DESCRIPTION = "ESP-IDF component"


def files(library: Library) -> dict[str, str]:
    """The component; UsageError for kernels of a core that no chip of Espressif's has."""
    core = library.core
    if core is not None and (core.instructions == "thumb" or "rvv" in core.isa):
        raise UsageError(
            f"ESP-IDF is for Espressif's chips, and none of them has the instructions of {core.name}",
            "leave `--core` and `--board` out, or `--core rv32imc` (ESP32-C and -H) or `--core portable`",
        )
    example = "examples/self_check"
    return {
        "CMakeLists.txt": library.render("esp_idf/CMakeLists.txt.j2"),
        "idf_component.yml": library.render("esp_idf/idf_component.yml.j2"),
        "README.md": library.render("esp_idf/README.md.j2"),
        **library.placed("include", "src"),
        f"{example}/CMakeLists.txt": library.render("esp_idf/example/CMakeLists.txt.j2"),
        f"{example}/main/CMakeLists.txt": library.render("esp_idf/example/main/CMakeLists.txt.j2"),
        f"{example}/main/main.c": library.render("esp_idf/example/main/main.c.j2"),
        **{f"{example}/main/{path}": text for path, text in library.check_files().items()},
    }
