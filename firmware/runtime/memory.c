/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the memory calls that compilers make unasked, where there is no C library; the linker drops the rest.
 */
#include "bytes.h"
#include "hal.h"

#if HAL_FREESTANDING

#if defined(__ARM_FEATURE_MVE) && __ARM_FEATURE_MVE

/* Helium's loops take 16 bytes at a time, and what is left of them. What is read together is written after that:
   `to` may lie below `from` and overlap it. */
TE_NO_BUILTIN static void te_copy_up(uint8_t *out, const uint8_t *in, size_t size) {
    __asm__ volatile("wlstp.8 lr, %2, 2f\n"
                     "1: vldrb.8 q0, [%1], #16\n"
                     "vstrb.8 q0, [%0], #16\n"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(out), "+r"(in)
                     : "r"(size)
                     : "q0", "lr", "cc", "memory");
}

TE_NO_BUILTIN void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    te_copy_up(to, from, size);
    return to;
}

TE_NO_BUILTIN void *memset(void *to, int value, size_t size) {
    uint8_t *out = to;
    __asm__ volatile("vdup.8 q0, %2\n"
                     "wlstp.8 lr, %1, 2f\n"
                     "1: vstrb.8 q0, [%0], #16\n"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(out)
                     : "r"(size), "r"(value)
                     : "q0", "lr", "cc", "memory");
    return to;
}

TE_NO_BUILTIN void *memmove(void *to, const void *from, size_t size) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out <= (uintptr_t)in || (uintptr_t)out - (uintptr_t)in >= size) {
        te_copy_up(out, in, size);
    } else {
        for (size_t i = size; i > 0; i--) {
            out[i - 1] = in[i - 1];
        }
    }
    return to;
}

#else

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

#endif

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
