# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives a PlatformIO library: library.json, include/, src/, an example project."""

from __future__ import annotations

import json

from tinyedge.errors import UsageError
from tinyedge.export._library import Library

DESCRIPTION = "PlatformIO library"
LONGEST = 50
"""Characters of a library's name, by the published schema."""


def files(library: Library) -> dict[str, str]:
    """The library, with an example that runs on this machine and on boards with the Arduino framework."""
    if len(library.name) > LONGEST:
        raise UsageError(
            f"{library.name} has {len(library.name)} characters, a name in PlatformIO at most {LONGEST}",
            "give the model a shorter file name, or `name` in tinyedge.toml",
        )
    example = "examples/self_check"
    application = {
        "platformio.ini": library.render("platformio/platformio.ini.j2"),
        "src/main.cpp": library.render("platformio/main.cpp.j2"),
        **{f"src/{path}": text for path, text in library.check_files().items()},
    }
    return {
        "library.json": json.dumps(_manifest(library, example, sorted(application)), indent=2) + "\n",
        "README.md": library.render("platformio/README.md.j2"),
        **library.placed("include", "src"),
        **{f"{example}/{path}": text for path, text in application.items()},
    }


def _manifest(library: Library, example: str, application: list[str]) -> dict[str, object]:
    about = library.about
    return {
        "$schema": "https://raw.githubusercontent.com/platformio/platformio-core/develop/platformio/assets/"
        "schema/library.json",
        "name": library.name,
        "version": about.version,
        "description": f"The neural network {library.model.name} as C, bit-exact with TensorFlow Lite's "
        "reference kernels: no interpreter, no heap, no floating point.",
        "keywords": ["machine learning", "neural network", "tinyml", "inference"],
        **({"authors": [{"name": about.author}]} if about.author else {}),
        **({"homepage": about.url} if about.url else {}),
        "license": "Apache-2.0",
        "frameworks": "*",
        "platforms": "*",
        "headers": f"{library.name}.h",
        "examples": [{"name": "self_check", "base": example, "files": application}],
        "build": {
            # The kernels are included by this one file, and are none on their own.
            "srcFilter": [f"+<{library.name}.c>"],
            **({"unflags": ["-Os"]} if library.level != "-Os" else {}),
            "flags": [library.level],
        },
    }
