# SPDX-License-Identifier: Apache-2.0
"""Takes the name of an energy probe, gives the file that drives it."""
