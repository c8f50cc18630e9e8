# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/portable/: all lies as operators give it, but for what copies move."""

from __future__ import annotations

from tinyedge.plan.layout import words

LAYOUTS = words.LAYOUTS
