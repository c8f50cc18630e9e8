# SPDX-License-Identifier: Apache-2.0
"""Blocks on signals that nobody tuned to: `python -m tests.kept_back`."""
