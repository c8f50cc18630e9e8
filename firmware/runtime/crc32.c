/* SPDX-License-Identifier: Apache-2.0 */
/* Takes bytes, gives their CRC-32, two bits at a time: 16 bytes of table instead of 1024. */
#include "crc32.h"

/* Entry i is i shifted out through the reflected polynomial 0xEDB88320 in two steps. */
static const uint32_t table[4] = {0x00000000u, 0x76DC4190u, 0xEDB88320u, 0x9B64C2B0u};

uint32_t te_crc32(const uint8_t *data, uint32_t size) {
    uint32_t crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (uint32_t bits = 0; bits < 8; bits += 2) {
            crc = crc >> 2 ^ table[crc & 3u];
        }
    }
    return ~crc;
}
