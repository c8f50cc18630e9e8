# SPDX-License-Identifier: Apache-2.0
"""One file per command: the file's name is the command's name, its `command` attribute the click command."""
