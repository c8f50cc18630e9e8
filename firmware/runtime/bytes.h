/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers in byte buffers, at any alignment; and C's memory functions, since a freestanding
 * compiler brings no <string.h>. */
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

static inline uint32_t te_get16(const uint8_t *from) { return (uint32_t)from[0] | (uint32_t)from[1] << 8; }

static inline uint32_t te_get32(const uint8_t *from) { return te_get16(from) | te_get16(from + 2) << 16; }

static inline void te_put16(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static inline void te_put32(uint8_t *to, uint32_t value) {
    te_put16(to, value);
    te_put16(to + 2, value >> 16);
}

#endif
