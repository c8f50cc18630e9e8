# SPDX-License-Identifier: Apache-2.0
"""Takes a device and a recording, gives a Report: what differs, how fast, in how much memory."""
