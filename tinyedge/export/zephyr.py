# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives a Zephyr module: zephyr/module.yml, CMakeLists.txt, Kconfig and a sample."""

from __future__ import annotations

from tinyedge import text
from tinyedge.export._library import Library

DESCRIPTION = "Zephyr module"

# What Kconfig knows of the instructions that kernels need: for Armv8-M the DSP extension is an option, of
# Armv7-M the M4 and M7 have it. GCC and Clang have Helium only where the floating-point ABI is not soft.
# Kernels for which Zephyr has no symbol refuse a compiler without the instructions themselves (isa.h).
_DEPENDS = {
    "helium": text.code("ARMV8_1_M_MVEI && FPU"),
    "dsp": text.code("ARMV8_M_DSP || CPU_CORTEX_M4 || CPU_CORTEX_M7"),
}
# What an application's prj.conf must then say.
_CONFIGURATION = {"helium": (text.code("CONFIG_FPU=y"),)}


def files(library: Library) -> dict[str, str]:
    """The module."""
    sample = "samples/self_check"
    facts = {
        "depends": [_DEPENDS[isa] for isa in library.isas if isa in _DEPENDS],
        "configuration": [line for isa in library.isas for line in _CONFIGURATION.get(isa, ())],
    }
    templates = {
        "zephyr/module.yml": "module.yml.j2",
        "CMakeLists.txt": "CMakeLists.txt.j2",
        "Kconfig": "Kconfig.j2",
        "README.md": "README.md.j2",
        f"{sample}/CMakeLists.txt": "sample/CMakeLists.txt.j2",
        f"{sample}/prj.conf": "sample/prj.conf.j2",
        f"{sample}/sample.yaml": "sample/sample.yaml.j2",
        f"{sample}/src/main.c": "sample/main.c.j2",
    }
    return {
        **{path: library.render(f"zephyr/{name}", **facts) for path, name in templates.items()},
        **library.placed("include", "src"),
        **{f"{sample}/src/{path}": text for path, text in library.check_files().items()},
    }
