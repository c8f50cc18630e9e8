# SPDX-License-Identifier: Apache-2.0
"""Other processes: children that are always reaped, and workers that answer messages."""
