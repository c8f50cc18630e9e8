# SPDX-License-Identifier: Apache-2.0
"""Ahead-of-time compiler and bench for machine learning on microcontrollers."""

__version__ = "0.1.0"
