/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an SCI with FIFOs for the line, 8N1; te_board.h says which one, and on which pins. */
#include "chip.h"
#include "clock.h"
#include "polled.h"
#include "ports/ring.h"

/* RA8M1 User's Manual: Hardware, "Serial Communications Interface", "I/O Ports", "Interrupt Controller Unit",
 * "Low Power Modes"; addresses and fields by Renesas's CMSIS header R7FA8M1AH.h (R_SCI_B0). */
#define SCI(offset) CHIP_REGISTER(TE_BOARD_SCI + (offset))
#define RDR SCI(0x00u)
#define TDR SCI(0x04u)
#define CCR0 SCI(0x08u)
#define CCR1 SCI(0x0Cu)
#define CCR2 SCI(0x10u)
#define CCR3 SCI(0x14u)
#define CCR4 SCI(0x18u)
#define FCR SCI(0x24u)
#define CSR SCI(0x48u)
#define FRSR SCI(0x50u)
#define FTSR SCI(0x54u)
#define CFCLR SCI(0x68u)
#define FFCLR SCI(0x70u)
#define CCR0_RECEIVES (1u << 0)
#define CCR0_SENDS (1u << 4)
#define CCR0_INTERRUPTS (1u << 16)
#define CCR1_IDLE_HIGH (3u << 4) /* of TXD while it does not send */
#define CCR2_DOUBLED (1u << 4)   /* BGDM, with the next: 8 cycles a bit */
#define CCR2_HALVED (1u << 5)    /* ABCS */
#define CCR2_BRR(by) (((by) - 1u) << 8)
#define CCR2_MODULATED (1u << 16)
#define CCR2_MDDR(parts) ((uint32_t)(parts) << 24)
#define CCR3_8_BITS (2u << 8)
#define CCR3_LOWEST_FIRST (1u << 12)
#define CCR3_FIFO (1u << 20)
#define FCR_EMPTY (1u << 15 | 1u << 23)
#define FCR_EACH_BYTE (1u << 16) /* interrupts from one byte on */
#define CSR_ALL_SENT (1u << 30)
#define FIFO 16u
#define FRSR_COUNT (63u << 8)
#define FTSR_COUNT 63u
#define CFCLR_ALL 0x9D070010u
#define CFCLR_RECEIVED (1u << 31)
#define CFCLR_ERRORS (1u << 24 | 1u << 27 | 1u << 28) /* overrun, parity, framing */

#define MSTPCRB CHIP_REGISTER(0x40203004u)
#define IELSR CHIP_REGISTER(0x40006300u + 4u * CHIP_LINE_INTERRUPT)
#define NVIC_ISER CHIP_REGISTER(0xE000E100u)
#define PWPRS CHIP_BYTE(0x40400D14u)
#define PWPRS_OPEN (1u << 6)
#define PWPRS_LOCKED (1u << 7)
#define PFS(place) CHIP_REGISTER(0x40400800u + 4u * (place)) /* 16 pins a port */
#define PFS_OUTPUT (1u << 2)
#define PFS_PULL_UP (1u << 4)
#define PFS_MIDDLE_DRIVE (1u << 10)
#define PFS_PERIPHERAL (1u << 16)
#define PFS_FUNCTION(number) ((number) << 24)

/* A bit lasts 8 cycles, `BY` times that, stretched by 256 / `PARTS`: less than 0.4 % wrong. */
#define BY(hz) ((hz) / 8u / TE_BOARD_BAUD)
#define PARTS(hz) ((uint32_t)((2048ull * TE_BOARD_BAUD * BY(hz) + (hz) / 2u) / (hz)))
#define BAUD(hz)                                                                                             \
    (CCR2_DOUBLED | CCR2_HALVED | CCR2_BRR(BY(hz)) |                                                         \
     (PARTS(hz) < 256u ? CCR2_MODULATED | CCR2_MDDR(PARTS(hz)) : 0u))
#define SCI_HZ (TE_BOARD_CLOCK_HZ / CLOCK_SCI_DIVIDER)

_Static_assert(BY(SCI_HZ) >= 1u && BY(SCI_HZ) <= 256u && BY(CLOCK_MOCO_HZ) >= 1u,
               "link.baud: out of this UART's reach");

static struct ring ring;

static void prepare_pins(void) {
    PWPRS = 0;
    PWPRS = PWPRS_OPEN;
    PFS(TE_BOARD_PLACE_TX) = PFS_FUNCTION(TE_BOARD_FUNCTION_TX) | PFS_MIDDLE_DRIVE;
    PFS(TE_BOARD_PLACE_TX) |= PFS_PERIPHERAL;
    PFS(TE_BOARD_PLACE_RX) = PFS_FUNCTION(TE_BOARD_FUNCTION_RX) | PFS_PULL_UP;
    PFS(TE_BOARD_PLACE_RX) |= PFS_PERIPHERAL;
#ifdef TE_BOARD_MARKER_SET
    PFS(TE_BOARD_MARKER_PLACE) = PFS_OUTPUT;
#endif
    PWPRS = 0;
    PWPRS = PWPRS_LOCKED;
}

void te_line_init(void) {
    te_clock_init();
    MSTPCRB &= ~(1u << TE_BOARD_SCI_STOP_BIT);
    (void)MSTPCRB; /* the write has arrived */
    CCR0 = 0;
    CCR3 = CCR3_FIFO | CCR3_LOWEST_FIRST | CCR3_8_BITS;
    CCR2 = te_clock_hz == TE_BOARD_CLOCK_HZ ? BAUD(SCI_HZ) : BAUD(CLOCK_MOCO_HZ);
    CCR1 = CCR1_IDLE_HIGH;
    CCR4 = 0;
    FCR = FCR_EMPTY;
    FCR = FCR_EACH_BYTE;
    CFCLR = CFCLR_ALL;
    FFCLR = 1;
    prepare_pins();
    IELSR = TE_BOARD_SCI_EVENT;
    NVIC_ISER = 1u << CHIP_LINE_INTERRUPT;
    CCR0 = CCR0_RECEIVES | CCR0_SENDS | CCR0_INTERRUPTS;
}

/* The event before the bytes: one that comes meanwhile interrupts again. An overrun would end all reception, and
 * interrupts nothing: hal_read() comes here when it finds no byte, and ends it. */
void te_line_interrupt(void) {
    IELSR = TE_BOARD_SCI_EVENT; /* no longer pending */
    (void)IELSR;                /* the write has arrived */
    while ((FRSR & FRSR_COUNT) != 0) {
        ring_put(&ring, (uint8_t)RDR);
    }
    CFCLR = CFCLR_RECEIVED | CFCLR_ERRORS;
}

size_t hal_read(uint8_t *buffer, size_t size) { return polled_read(&ring, buffer, size); }

void hal_write(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        while ((FTSR & FTSR_COUNT) >= FIFO) {
        }
        TDR = data[i];
    }
}

void te_line_drain(void) {
    while ((FTSR & FTSR_COUNT) != 0 || (CSR & CSR_ALL_SENT) == 0) {
    }
}
