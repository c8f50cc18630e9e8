# SPDX-License-Identifier: Apache-2.0
"""Takes a build of the package, gives it a file COMMIT: what `tinyedge --version` says it was made from.

The same commit makes the same package in every folder. A package that is made from a source distribution,
where there is no Git, says what that says; an editable installation asks Git whenever it is run.
"""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PLACES = {"wheel": "tinyedge/_data/COMMIT", "sdist": "COMMIT"}


class CommitHook(BuildHookInterface[Any]):
    """Adds the file to a wheel and to a source distribution."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """As hatchling asks for it; `version` is of the target, such as "editable"."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "COMMIT"
        file.write_text(f"{_commit(Path(self.root))}\n", encoding="utf-8")
        build_data["force_include"][str(file)] = _PLACES[self.target_name]

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """As hatchling asks for it."""
        if version != "editable":
            self._folder.cleanup()


def _commit(root: Path) -> str:
    # By path, since the package need not be importable where it is built.
    spec = importlib.util.spec_from_file_location("commit", root / "tinyedge" / "process" / "commit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: str = module.of(root)
    return found
