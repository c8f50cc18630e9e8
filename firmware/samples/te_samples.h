/* SPDX-License-Identifier: Apache-2.0 */
/* Takes samples of a sensor, sends them so that `tinyedge record -p PORT` makes a recording of them.
 *
 * It stands alone, in C and in C++: `tinyedge record --c-header te_samples.h` writes it for the firmware that
 * reads the sensor, which hands on each block of rows that it has:
 *
 *     static void put(const uint8_t *bytes, uint32_t size) { Serial.write(bytes, size); }
 *     static struct te_samples microphone = {put, 1, 0, 0};
 *     ...
 *     te_samples_send(&microphone, samples, 160);
 *
 * Rows that the line loses are gaps in the recording, and not a shift of what comes behind them. A sample is
 * two bytes, where text takes six: 16,000 a second fit 460,800 bit/s.
 *
 * A frame is one of tinyedge's line: 0x00, COBS(session u8 = 0, seq u16, type u8 = TE_SAMPLES, payload, CRC-32),
 * 0x00. Payload: the number of its first row since the firmware started u32, channels u16, 0 u16, then rows of
 * int16, channel by channel. Numbers are little-endian, the CRC is zlib's, of what stands before it.
 */
#ifndef TE_SAMPLES_H
#define TE_SAMPLES_H

#include <stdint.h>

#define TE_SAMPLES 0x20u
#define TE_SAMPLES_MOST 508u /* channels, and samples of a frame */

/* put: writes all bytes to the line. channels: of a row, at most TE_SAMPLES_MOST. The others begin as 0. */
struct te_samples {
    void (*put)(const uint8_t *bytes, uint32_t size);
    uint16_t channels;
    uint16_t seq;
    uint32_t row;
};

/* A frame on its way: its last COBS block, block[0] being the code, and the CRC so far. */
struct te_samples_frame {
    void (*put)(const uint8_t *bytes, uint32_t size);
    uint32_t crc;
    uint32_t used;
    uint8_t block[255];
};

static inline void te_samples_block(struct te_samples_frame *frame) {
    frame->block[0] = (uint8_t)(frame->used + 1u);
    frame->put(frame->block, frame->used + 1u);
    frame->used = 0;
}

static inline void te_samples_bytes(struct te_samples_frame *frame, uint32_t value, uint32_t count) {
    for (; count > 0; count--, value >>= 8) {
        const uint8_t byte = (uint8_t)value;
        frame->crc ^= byte;
        for (uint32_t bit = 0; bit < 8; bit++) {
            frame->crc = (frame->crc >> 1) ^ (0xEDB88320u & (0u - (frame->crc & 1u)));
        }
        if (byte != 0) {
            frame->block[++frame->used] = byte;
        }
        if (byte == 0 || frame->used == 254) { /* a block of 254 has no zero behind it */
            te_samples_block(frame);
        }
    }
}

/* Sends `count` rows, [count][channels], as many frames as they need. */
static inline void te_samples_send(struct te_samples *to, const int16_t *rows, uint32_t count) {
    const uint8_t zero = 0;
    struct te_samples_frame frame;
    if (to->channels == 0 || to->channels > TE_SAMPLES_MOST) {
        return;
    }
    frame.put = to->put;
    while (count > 0) {
        const uint32_t room = TE_SAMPLES_MOST / to->channels;
        const uint32_t now = count < room ? count : room;
        to->put(&zero, 1);
        frame.crc = 0xFFFFFFFFu;
        frame.used = 0;
        te_samples_bytes(&frame, 0, 1);
        te_samples_bytes(&frame, to->seq++, 2);
        te_samples_bytes(&frame, TE_SAMPLES, 1);
        te_samples_bytes(&frame, to->row, 4);
        te_samples_bytes(&frame, to->channels, 4);
        for (uint32_t at = 0; at < now * to->channels; at++) {
            te_samples_bytes(&frame, (uint16_t)rows[at], 2);
        }
        te_samples_bytes(&frame, ~frame.crc, 4);
        te_samples_block(&frame);
        to->put(&zero, 1);
        to->row += now;
        rows += now * to->channels;
        count -= now;
    }
}

#endif
