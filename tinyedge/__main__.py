# SPDX-License-Identifier: Apache-2.0
"""Takes `python -m tinyedge ...`, gives the same as the command `tinyedge ...`."""

import sys
from pathlib import Path

# `python -m` looks for modules in the folder that it is started in, which may be somebody else's project.
if not sys.flags.safe_path and Path(sys.path[0]).resolve() != Path(__file__).resolve().parents[1]:
    del sys.path[0]

from tinyedge.cli import main

main()
