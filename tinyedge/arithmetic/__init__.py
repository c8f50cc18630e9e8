# SPDX-License-Identifier: Apache-2.0
"""Exact integer arithmetic: multipliers, shifts, and shorter forms that are proved to give the same."""
