# SPDX-License-Identifier: Apache-2.0
"""Takes Sources and a Board, gives an Image: finds and runs a compiler, reads the ELF that it makes."""

from tinyedge.toolchain.build import compile, left
from tinyedge.toolchain.image import Image, StackBound, Symbol

__all__ = ["Image", "StackBound", "Symbol", "compile", "left"]
