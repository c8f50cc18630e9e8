/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the caches of a Cortex-M7, M55 or M85 as a reset leaves them, gives them empty and enabled. */
#include "cache.h"

#include "cortex_m.h"

/* Armv7-M and Armv8-M Architecture Reference Manuals (DDI 0403, DDI 0553), "Cache maintenance operations" */
#define CCR CHIP_REGISTER(0xE000ED14u)
#define CCSIDR CHIP_REGISTER(0xE000ED80u)
#define CSSELR CHIP_REGISTER(0xE000ED84u)
#define ICIALLU CHIP_REGISTER(0xE000EF50u)
#define DCISW CHIP_REGISTER(0xE000EF60u)
#define CCR_DC (1u << 16)
#define CCR_IC (1u << 17)
#define BARRIER __asm__ volatile("dsb \n isb" ::: "memory")

/* Lines have 32 bytes, ways are counted in the topmost bits: bits 31:30 for the four of these cores. */
static void data_cache_empty(void) {
    CSSELR = 0; /* the data cache of level 1 */
    BARRIER;
    const uint32_t size = CCSIDR;
    for (uint32_t set = 0; set <= (size >> 13 & 0x7FFFu); set++) {
        for (uint32_t way = 0; way <= (size >> 3 & 0x3FFu); way++) {
            DCISW = way << 30 | set << 5;
        }
    }
    BARRIER;
}

void te_caches_on(void) {
    if ((CCR & CCR_IC) == 0) {
        ICIALLU = 0;
        BARRIER;
        CCR |= CCR_IC;
        BARRIER;
    }
    if ((CCR & CCR_DC) == 0) {
        data_cache_empty();
        CCR |= CCR_DC;
        BARRIER;
    }
}
