/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the memory calls that compilers make unasked, where there is no C library; the linker drops the rest.
 */
#include "bytes.h"
#include "hal.h"

#if HAL_FREESTANDING

TE_NO_BUILTIN void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    uint8_t *restrict out = to;
    const uint8_t *restrict in = from;
    for (size_t i = 0; i < size; i++) {
        out[i] = in[i];
    }
    return to;
}

TE_NO_BUILTIN void *memset(void *to, int value, size_t size) {
    uint8_t *out = to;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)value;
    }
    return to;
}

TE_NO_BUILTIN void *memmove(void *to, const void *from, size_t size) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out <= (uintptr_t)in) {
        for (size_t i = 0; i < size; i++) {
            out[i] = in[i];
        }
    } else {
        for (size_t i = size; i > 0; i--) {
            out[i - 1] = in[i - 1];
        }
    }
    return to;
}

TE_NO_BUILTIN int memcmp(const void *left, const void *right, size_t size) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

#endif
