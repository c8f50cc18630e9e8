# SPDX-License-Identifier: Apache-2.0
"""Sessions with a device over a byte pipe: frames, the link, what firmware says of itself."""
