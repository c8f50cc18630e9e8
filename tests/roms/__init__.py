# SPDX-License-Identifier: Apache-2.0
"""Boot ROMs that run in Python: each takes the bytes of a line and gives the bytes that the chip answers."""
