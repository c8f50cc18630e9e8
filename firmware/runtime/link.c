/* SPDX-License-Identifier: Apache-2.0 */
/* Takes bytes from the port, gives whole frames; takes frames, gives bytes to the port. */
#include "link.h"

#include "bytes.h"
#include "crc32.h"
#include "hal.h"

/* The CRC-32 of any bytes with their own CRC-32 behind them. */
#define WHOLE 0x2144DF1Cu

/* A frame is decoded where it is kept, byte by byte: the wire form is never held. */
static struct {
    _Alignas(4) uint8_t frame[TE_LINK_FRAME]; /* so that the fields of a payload are aligned */
    uint16_t size;                            /* decoded bytes */
    uint8_t code;                             /* length byte of the COBS block in hand, 0 before the first */
    uint8_t left;                             /* bytes missing from that block */
    bool broken;                              /* too long: drop it at the next zero */
    bool waiting;                             /* no byte has come since `since` */
    uint64_t since;                           /* hal_ticks() */
} rx;

static void rx_clear(void) {
    rx.size = 0;
    rx.code = 0;
    rx.left = 0;
    rx.broken = false;
}

static void rx_keep(uint8_t byte) {
    if (rx.size < TE_LINK_FRAME) {
        rx.frame[rx.size++] = byte;
    } else {
        rx.broken = true;
    }
}

/* Takes one byte other than the closing zero. */
static void rx_decode(uint8_t byte) {
    if (rx.left > 0) {
        rx.left--;
        rx_keep(byte);
        return;
    }
    /* A block of 254 bytes (code 0xFF) has no zero behind it. */
    if (rx.code != 0 && rx.code != 0xFF) {
        rx_keep(0);
    }
    rx.code = byte;
    rx.left = (uint8_t)(byte - 1u);
}

/* Size of header + payload when what has been decoded is a whole frame, else 0. */
static uint32_t rx_close(void) {
    if (rx.broken || rx.left > 0 || rx.size < TE_LINK_HEADER + TE_LINK_CRC) {
        return 0;
    }
    return te_crc32(rx.frame, rx.size) == WHOLE ? rx.size - TE_LINK_CRC : 0;
}

/* Drops half a frame whose rest does not come. The clock is read only when there is nothing else to do. */
static void rx_wait(void) {
    const uint64_t stale = (uint64_t)(HAL_TICKS_HZ / 1000u) * TE_LINK_STALE_MS;
    if (rx.code == 0) {
        return;
    }
    const uint64_t now = hal_ticks();
    if (!rx.waiting) {
        rx.waiting = true;
        rx.since = now;
    } else if (now - rx.since > stale) {
        rx_clear();
    }
}

uint32_t te_link_receive(uint8_t **frame) {
    for (;;) {
        uint8_t byte;
        if (hal_read(&byte, 1) == 0) {
            rx_wait();
            continue;
        }
        if (byte != 0) {
            rx_decode(byte);
            rx.waiting = false;
            continue;
        }
        uint32_t size = rx_close();
        rx_clear();
        if (size != 0) {
            *frame = rx.frame;
            return size;
        }
    }
}

void te_link_send(uint8_t *frame, uint32_t size) {
    static const uint8_t zero = 0;
    const uint32_t crc = te_crc32(frame, size);
    te_put16(frame + size, crc);
    te_put16(frame + size + 2, crc >> 16);
    size += TE_LINK_CRC;
    hal_write(&zero, 1);
    /* Each turn sends one block: its length byte, then the bytes up to the next zero, at most 254. */
    for (uint32_t at = 0;;) {
        uint8_t run = 0;
        while (at + run < size && run < 254 && frame[at + run] != 0) {
            run++;
        }
        const uint8_t code = (uint8_t)(run + 1u);
        hal_write(&code, 1);
        hal_write(frame + at, run);
        at += run;
        if (at == size) {
            break;
        }
        if (run < 254) {
            at++; /* the zero that the block's end stands for; the loop goes on even when it was the last byte
                   */
        }
    }
    hal_write(&zero, 1);
}
