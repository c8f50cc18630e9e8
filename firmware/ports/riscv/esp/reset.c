/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an ESP32-C3, -C6 or -P4 from its boot ROM, which has loaded the image into RAM; counts its cycles;
 * starts it anew. */
#include "chip.h"
#include "esp.h"
#include "esp_riscv.h"
#include "riscv.h"

/* The counter of C3 and C6, which have no mcycle (Technical Reference Manual, "ESP-RISC-V CPU", CSRs 0x7E0 to
 * 0x7E2): what it counts, whether it does, its 32 bits. Others name theirs. */
#ifndef ESP_COUNT
#define COUNT_WHAT "0x7E0"
#define COUNT_CYCLES 1u
#define COUNT_MODE "0x7E1"
#define COUNT_ON 1u
#define ESP_COUNT "0x7E2"
#endif

/* A timer group's watchdog (Technical Reference Manuals, "Timer Group") */
#define TIMER_WDT_CONFIG0 0x48u
#define TIMER_WDT_OFF (1u << 22) /* nothing on; and this takes effect now (WDT_CONF_UPDATE_EN) */
#define TIMER_WDT_PROTECT 0x64u

static uint32_t wraps; /* of the counter, each 2^32 cycles */
static uint32_t last;  /* the counter when it was read last */

_Noreturn void te_traps(void);

/* Physical memory protection, locked and so binding machine mode too: nothing may touch the 64 KiB below the
 * stack, where a stack overflow goes. The code is not protected: in an emulator that keeps the lock over a
 * chip reset, the boot ROM could not load it again. */
__attribute__((naked, noreturn, section(".vectors"))) void reset_handler(void) {
    __asm__ volatile("csrw mie, zero \n"
                     "csrci mstatus, 8 \n" /* MIE */
                     "la sp, __stack_top \n"
                     "la t0, te_traps \n"
                     "csrw mtvec, t0 \n"
                     "la t0, __stack_bottom \n"
                     "srli t0, t0, 2 \n"
                     "csrw pmpaddr1, t0 \n"
                     "li t1, 0x4000 \n"
                     "sub t0, t0, t1 \n"
                     "csrw pmpaddr0, t0 \n"
                     "li t0, 0x8800 \n" /* entry 1: locked, from pmpaddr0 to pmpaddr1, nothing */
                     "csrw pmpcfg0, t0 \n"
                     "j te_start \n");
}

/* mtvec holds the upper 24 bits of an address alone, and its mode is always "vectored": exceptions come to
 * the first entry. Interrupts, which have the others, are never taken. The P4's is that of a CLIC, whose exceptions
 * come to the same. */
__attribute__((naked, noreturn, used, section(".vectors"), aligned(256))) void te_traps(void) {
    __asm__ volatile("j te_fault_entry \n");
}

void hal_init(void) {
#ifdef COUNT_WHAT
    CHIP_WRITE_CSR(COUNT_WHAT, COUNT_CYCLES);
    CHIP_WRITE_CSR(COUNT_MODE, COUNT_ON);
#endif
    te_chip_init();
    te_line_init();
}

uint32_t te_cycles(void) {
    uint32_t cycles;
    CHIP_READ_CSR(ESP_COUNT, cycles);
    return cycles;
}

/* The counter wraps every 2^32 cycles (27 s at 160 MHz). The line is asked for bytes far more often while
 * nothing runs, and hal_read() comes here, as the runtime does after each layer. */
uint64_t hal_ticks(void) {
    const uint32_t now = te_cycles();
    wraps += now < last;
    last = now;
    return (uint64_t)wraps << 32 | now;
}

void te_stop_timer_watchdog(uint32_t group) {
    ESP_REGISTER(group + TIMER_WDT_PROTECT) = ESP_WDT_KEY;
    ESP_REGISTER(group + TIMER_WDT_CONFIG0) = TIMER_WDT_OFF;
}

void te_wait(uint32_t cycles) {
    const uint32_t start = te_cycles();
    while (te_cycles() - start < cycles) {
    }
}

void te_await(uint32_t address, uint32_t mask, uint32_t value, uint32_t cycles) {
    const uint32_t start = te_cycles();
    while ((ESP_REGISTER(address) & mask) != value && te_cycles() - start < cycles) {
    }
}

/* Where no chip is reset (an emulator), start-up does: all that this firmware uses is set there, and nothing
 * that it changes has initialised data. */
_Noreturn void hal_reset(void) {
    te_line_drain();
    te_chip_restart();
    te_wait(TE_BOARD_CLOCK_HZ / 1000u);
    __asm__ volatile("csrw mepc, %0 \n"
                     "csrw mstatus, %1 \n"
                     "mret \n" ::"r"(reset_handler),
                     "r"(0x1800) /* MPP: machine */
                     : "memory");
    __builtin_unreachable();
}
