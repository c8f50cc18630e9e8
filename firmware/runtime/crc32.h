/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TE_CRC32_H
#define TE_CRC32_H

#include <stdint.h>

/* CRC-32 of `size` bytes as zlib, Ethernet and PNG have it: te_crc32("123456789", 9) == 0xCBF43926. */
uint32_t te_crc32(const uint8_t *data, uint32_t size);

#endif
