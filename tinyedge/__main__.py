# SPDX-License-Identifier: Apache-2.0
"""Takes `python -m tinyedge ...`, gives the same as the command `tinyedge ...`."""

from tinyedge.cli import main

main()
