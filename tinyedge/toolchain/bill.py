# SPDX-License-Identifier: Apache-2.0
"""Takes what an export or a build holds, gives its software bill of materials: CycloneDX 1.6, as JSON.

The same bytes for the same contents: no time is in it, and its serial number follows from the rest.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tinyedge
from tinyedge import made
from tinyedge.build import Build

FILE = "sbom.cdx.json"
_LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class Contents:
    """name, version: of the whole, a firmware or a library. model_sha256: of the TFLite file, hexadecimal.

    compiler: its own words, "" where nothing was compiled. files: POSIX path -> SHA-256, hexadecimal.
    """

    name: str
    version: str
    firmware: bool
    model: str
    model_sha256: str
    compiler: str
    files: Mapping[str, str]


def of(build: Build, folder: Path) -> str:
    """The bill of a build, whose files are in `folder`."""
    names = {build.model.path, build.image.elf, *build.image.files}
    return render(
        Contents(
            name=f"{build.model.name} on {build.board}",
            version=build.image.build_id,
            firmware=True,
            model=build.model.name,
            model_sha256=build.model.sha256,
            compiler=build.compiler,
            files={name: made.digest(folder / name) for name in names},
        )
    )


def render(contents: Contents) -> str:
    """The bill as text that ends with a line feed."""
    # Where it is needed: its import takes a tenth of the time that all of a build's take.
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import LicenseExpression
    from cyclonedx.output.json import JsonV1Dot6

    def sha256(known: str) -> HashType:
        return HashType(alg=HashAlgorithm.SHA_256, content=known)

    bom = Bom()
    whole = ComponentType.FIRMWARE if contents.firmware else ComponentType.LIBRARY
    bom.metadata.component = Component(
        name=contents.name, version=contents.version, type=whole, bom_ref=contents.name
    )
    tools = [("tinyedge", tinyedge.__version__), *([(contents.compiler, None)] if contents.compiler else [])]
    for name, version in tools:
        tool = Component(name=name, version=version, type=ComponentType.APPLICATION, bom_ref=f"tool:{name}")
        bom.metadata.tools.components.add(tool)
    ours = Component(
        name="tinyedge kernels and runtime",
        version=tinyedge.__version__,
        type=ComponentType.LIBRARY,
        licenses=[LicenseExpression(_LICENCE)],
        bom_ref="tinyedge",
    )
    model = Component(
        name=contents.model,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        hashes=[sha256(contents.model_sha256)],
        bom_ref="model",
    )
    files = [
        Component(name=path, type=ComponentType.FILE, hashes=[sha256(known)], bom_ref=f"file:{path}")
        for path, known in sorted(contents.files.items())
    ]
    bom.components.update([ours, model, *files])
    bom.register_dependency(bom.metadata.component, [ours, model, *files])
    return _without_time(JsonV1Dot6(bom).output_as_string())


def _without_time(text: str) -> str:
    document = json.loads(text)
    del document["metadata"]["timestamp"], document["serialNumber"]
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    document["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=5)}"
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
