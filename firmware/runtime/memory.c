/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the memory calls that compilers make unasked, where there is no C library; the linker drops the rest.
 */
#include "bytes.h"
#include "hal.h"

#if HAL_FREESTANDING

#if defined(__ARM_FEATURE_MVE) && __ARM_FEATURE_MVE

/* Helium's loops take 16 bytes at a time, and what is left of them. */
TE_NO_BUILTIN static void *te_copy_up(uint8_t *to, const uint8_t *from, size_t size) {
    uint8_t *out = to;
    __asm__ volatile("wlstp.8 lr, %2, 2f\n"
                     "1: vldrb.8 q0, [%1], #16\n"
                     "vstrb.8 q0, [%0], #16\n"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(out), "+r"(from)
                     : "r"(size)
                     : "q0", "lr", "cc", "memory");
    return to;
}

TE_NO_BUILTIN static void te_fill(uint8_t *to, int value, size_t size) {
    __asm__ volatile("vdup.8 q0, %2\n"
                     "wlstp.8 lr, %1, 2f\n"
                     "1: vstrb.8 q0, [%0], #16\n"
                     "letp lr, 1b\n"
                     "2:"
                     : "+r"(to)
                     : "r"(size), "r"(value)
                     : "q0", "lr", "cc", "memory");
}

#elif defined(__riscv_v_min_vlen)

#include <riscv_vector.h>

/* As many bytes at a time as eight vector registers hold. */
TE_NO_BUILTIN static void *te_copy_up(uint8_t *to, const uint8_t *from, size_t size) {
    uint8_t *out = to;
    while (size > 0) {
        const size_t vl = __riscv_vsetvl_e8m8(size);
        __riscv_vse8_v_u8m8(out, __riscv_vle8_v_u8m8(from, vl), vl);
        out += vl;
        from += vl;
        size -= vl;
    }
    return to;
}

TE_NO_BUILTIN static void te_fill(uint8_t *to, int value, size_t size) {
    while (size > 0) {
        const size_t vl = __riscv_vsetvl_e8m8(size);
        __riscv_vse8_v_u8m8(to, __riscv_vmv_v_x_u8m8((uint8_t)value, vl), vl);
        to += vl;
        size -= vl;
    }
}

#else

/* A word is stored where it belongs; it is loaded from anywhere if the core can do that. (Types, not pointers, say
   so: loads of several words at once would still ask for alignment.) */
typedef uint32_t __attribute__((may_alias)) te_word;
#ifdef __ARM_FEATURE_UNALIGNED
typedef uint32_t __attribute__((may_alias, aligned(1))) te_loaded;
#else
typedef te_word te_loaded;
#endif

enum { TE_WORD = sizeof(te_word), TE_ROUND = 4 * TE_WORD };

TE_NO_BUILTIN static void *te_copy_up(uint8_t *to, const uint8_t *from, size_t size) {
    uint8_t *out = to;
    if (size >= TE_ROUND && ((uintptr_t)to - (uintptr_t)from) % _Alignof(te_loaded) == 0) {
        for (; (uintptr_t)out % TE_WORD != 0; size--) {
            *out++ = *from++;
        }
        for (; size >= TE_ROUND; size -= TE_ROUND, out += TE_ROUND, from += TE_ROUND) {
            const te_loaded *in = (const te_loaded *)(const void *)from;
            te_word *words = (te_word *)(void *)out;
            words[0] = in[0];
            words[1] = in[1];
            words[2] = in[2];
            words[3] = in[3];
        }
    }
    for (; size > 0; size--) {
        *out++ = *from++;
    }
    return to;
}

TE_NO_BUILTIN static void te_fill(uint8_t *to, int value, size_t size) {
    const uint32_t word = (uint8_t)value * UINT32_C(0x01010101);
    for (; size > 0 && (uintptr_t)to % TE_WORD != 0; size--) {
        *to++ = (uint8_t)value;
    }
    for (; size >= TE_WORD; size -= TE_WORD, to += TE_WORD) {
        *(te_word *)(void *)to = word;
    }
    for (; size > 0; size--) {
        *to++ = (uint8_t)value;
    }
}

#endif

TE_NO_BUILTIN void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    return te_copy_up(to, from, size);
}

TE_NO_BUILTIN void *memset(void *to, int value, size_t size) {
    te_fill(to, value, size);
    return to;
}

TE_NO_BUILTIN void *memmove(void *to, const void *from, size_t size) {
    /* Upwards unless `to` lies within `from`: what is read together is written after that. */
    const uintptr_t ahead = (uintptr_t)to - (uintptr_t)from;
    if (ahead == 0 || ahead >= size) {
        return te_copy_up(to, from, size);
    }
    uint8_t *out = to;
    const uint8_t *in = from;
    for (size_t i = size; i > 0; i--) {
        out[i - 1] = in[i - 1];
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
