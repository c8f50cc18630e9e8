# SPDX-License-Identifier: Apache-2.0
"""The bench: which ports there are, what a board needs, how a session on it is opened and tried."""
