/* SPDX-License-Identifier: Apache-2.0 */
/* Takes bytes from the port, gives whole frames; takes frames, gives bytes to the port. */
#include "link.h"

#include "bytes.h"
#include "crc32.h"
#include "hal.h"

/* The CRC-32 of any bytes with their own CRC-32 behind them. */
#define WHOLE 0x2144DF1Cu

#define LEAST (TE_LINK_HEADER + TE_LINK_CRC)

/* A frame is decoded where it is kept, byte by byte: the wire form is never held. */
static struct {
    uint8_t code;          /* length byte of the COBS block in hand, 0 before the first */
    uint8_t left;          /* bytes missing from that block */
    struct te_frame frame; /* what has been decoded; when it is too long, its size says so */
} rx;

static void rx_clear(void) {
    rx.code = 0;
    rx.left = 0;
    rx.frame.size = 0;
}

static void rx_keep(uint8_t byte) {
    if (rx.frame.size <= TE_LINK_FRAME) {
        rx.frame.bytes[rx.frame.size++] = byte;
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

/* Whether what has been decoded is a whole frame; its size is that of header + payload then. */
static bool rx_close(void) {
    const uint32_t size = rx.frame.size;
    if (rx.left > 0 || size < LEAST || size > TE_LINK_FRAME || te_crc32(rx.frame.bytes, size) != WHOLE) {
        return false;
    }
    rx.frame.size = size - TE_LINK_CRC;
    return true;
}

/* The next byte, however long it takes; half a frame whose rest does not come is dropped. The lower half of
 * the clock tells a second from less, and what it drops when it has gone round has been dropped before. */
static uint8_t rx_wait(void) {
    const uint32_t stale = HAL_TICKS_HZ / 1000u * TE_LINK_STALE_MS;
    uint8_t byte;
    if (hal_read(&byte, 1) == 0) {
        const uint32_t since = (uint32_t)hal_ticks();
        while (hal_read(&byte, 1) == 0) {
            if ((uint32_t)hal_ticks() - since > stale) {
                rx_clear();
            }
        }
    }
    return byte;
}

const struct te_frame *te_link_receive(void) {
    do {
        rx_clear();
        for (uint8_t byte = rx_wait(); byte != 0; byte = rx_wait()) {
            rx_decode(byte);
        }
    } while (!rx_close());
    return &rx.frame;
}

void te_link_send(uint8_t *frame, uint32_t size) {
    const uint32_t crc = te_crc32(frame, size);
    __builtin_memcpy(frame + size, &crc, TE_LINK_CRC);
    uint8_t *const end = frame + size + TE_LINK_CRC;
    *end = 0;
    hal_write(end, 1);
    /* Each turn sends one block: its length byte, then the bytes up to the next zero, at most 254. The zero
     * that a block's end stands for is passed over, and the loop goes on even when it was the last byte. */
    for (const uint8_t *at = frame;;) {
        uint8_t code = 1;
        while (code < 255 && at[code - 1] != 0) {
            code++;
        }
        hal_write(&code, 1);
        hal_write(at, code - 1u);
        at += code - 1;
        if (at == end) {
            break;
        }
        at += code < 255;
    }
    hal_write(end, 1);
}
