/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers in byte buffers, and C's memory functions, since a freestanding compiler brings no
 * <string.h>. */
#ifndef TE_BYTES_H
#define TE_BYTES_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

/* For the functions that are these: a compiler that recognises their loop would make them call themselves. */
#ifdef __clang__
#define TE_NO_BUILTIN __attribute__((no_builtin("memcpy", "memmove", "memset")))
#else
#define TE_NO_BUILTIN __attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "payloads are copied as they lie in memory");

/* At a multiple of two or four bytes: one instruction, also on cores that load such numbers from nowhere else. */
static inline uint32_t te_get16(const uint8_t *from) {
    uint16_t value;
    __builtin_memcpy(&value, __builtin_assume_aligned(from, 2), 2);
    return value;
}

static inline void te_put16(uint8_t *to, uint32_t value) {
    const uint16_t half = (uint16_t)value;
    __builtin_memcpy(__builtin_assume_aligned(to, 2), &half, 2);
}

static inline uint32_t te_get32(const uint8_t *from) {
    uint32_t value;
    __builtin_memcpy(&value, __builtin_assume_aligned(from, 4), 4);
    return value;
}

static inline void te_put32(uint8_t *to, uint32_t value) {
    __builtin_memcpy(__builtin_assume_aligned(to, 4), &value, 4);
}

#endif
