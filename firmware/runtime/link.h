/* SPDX-License-Identifier: Apache-2.0 */
/* The line: frames of at most 1024 payload bytes that arrive whole, in order and once, over any byte pipe.
 * This is the protocol's only description; tinyedge/line/link.py is its other end.
 *
 * Frame: 0x00, COBS(header + payload + crc), 0x00. The zero in front ends whatever noise came before. Numbers
 * are little-endian. header = session u8, seq u16, type u8. crc = CRC-32 (zlib's) of header + payload.
 *
 * Host: the only one that speaks unasked. HELLO starts a session whose number (1..255) and nonce it chose;
 * its seq is the first of the session, and every later request has the next one (modulo 65536).
 *
 * Device: executes requests in order, each once.
 *   seq == expected      execute, answer with the same seq and type | 0x80, or with ERROR
 *   seq == expected - 1  send the last answer again, do not execute
 *   any other            NAK with the seq of the frame that caused it, and `expected` as payload (u16)
 * A frame with a wrong COBS code, length or CRC is dropped without a word, and so is half a frame whose rest
 * does not come within TE_LINK_STALE_MS.
 *
 * Window: the host may send requests before the earlier ones are answered, as long as their wire bytes stay
 * within the credit that HELLO's answer gives (one frame is always allowed). Only the last answer is kept, so
 * only the newest request in flight may be one whose answer carries data. An answer acknowledges everything
 * before it. A NAK of a frame ahead of `expected` makes the host send again from `expected` on, once for each
 * gap. When no answer comes in time, it sends the newest request again: whatever was lost, the answer or the
 * NAK to that one shows it, and a device that is only slow gets no more than one frame too many.
 *
 * Errors: after one ERROR, every request of the session is answered by the same ERROR until the next HELLO: a
 * pipelined window cannot run on past a mistake. Payload: code u8, zero u8, seq u16 of the request that failed,
 * detail u32.
 *
 * Fault: a chip that faults sends FAULT, restarts, and answers what arrives outside a session with FAULT
 * again until a HELLO comes. Payload: pc, lr, status, address (u32 each), layer u16, model u16.
 *
 * Requests to the firmware:
 *
 *     type         payload     the answer's payload
 *     HELLO        nonce u32   see te_hello in command.c
 *     MEMORY       -           stack size, stack used, static: u32 each, 0xFFFFFFFF = unknown
 *     SELF_TEST    -           u32, a TE_TEST_* bit for each part that failed; overwrites the arena
 *     RESET        -           -, then the firmware restarts
 *     TICKS        -           u64, hal_ticks() as the request was executed
 *
 * Requests to a model; the payload is its number u16, a second u16, then what is listed:
 *
 *     type         second u16  then           the answer's payload
 *     MODEL        zero        -              the first five of te_model, then its identity
 *     TENSOR       index       -              arena offset u32, bytes u32 (inputs first, then outputs)
 *     RESET_STATE  zero        -              -; the state has its initial values again
 *     WRITE        zero        offset u32, data
 *                                             -
 *     READ         length      offset u32     the bytes
 *     RUN          first       last u32       ticks u64 that layers first .. last - 1 took
 *     INFER        zero        offset u32, data
 *                                             WRITE, RUN of all layers and READ of all outputs in one: ticks
 *                                             u64, then the outputs one behind another, which must fit
 *
 * So every number lies at a multiple of its size, and a core that loads words from nowhere else needs one
 * instruction for it. HELLO, its place in a frame and the first byte of its answer (the protocol's number) stay
 * as they are in all versions, so that firmware and host of different ones can say so. Version 2 added models
 * and states, version 3 aligned the fields.
 */
#ifndef TE_LINK_H
#define TE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#define TE_LINK_PROTOCOL 3u
#define TE_LINK_HEADER 4u
#define TE_LINK_PAYLOAD 1024u
#define TE_LINK_CRC 4u
#define TE_PLACED 8u /* the fields of a WRITE, READ, RUN or INFER, before their data */
#define TE_LINK_FRAME (TE_LINK_HEADER + TE_LINK_PAYLOAD + TE_LINK_CRC)
#define TE_LINK_SPACE (TE_LINK_FRAME + 1u) /* with a byte more, see link.c */
#define TE_LINK_STALE_MS 1000u

enum te_type {
    TE_HELLO = 0x01,
    TE_MEMORY = 0x02,
    TE_SELF_TEST = 0x03,
    TE_RESET = 0x04,
    TE_TICKS = 0x05,
    TE_MODEL = 0x06, /* from here on to a model */
    TE_TENSOR = 0x07,
    TE_RESET_STATE = 0x08,
    TE_WRITE = 0x09, /* from here on with a place behind the numbers */
    TE_READ = 0x0A,
    TE_RUN = 0x0B,
    TE_INFER = 0x0C,
    TE_ANSWER = 0x80, /* or-ed to the request's type */
    TE_NAK = 0xFD,
    TE_ERROR = 0xFE,
    TE_FAULT = 0xFF,
};

enum te_error {
    TE_EOK = 0,
    TE_ECOMMAND = 1, /* no such request; detail = its type */
    TE_ESIZE = 2,    /* a payload of the wrong length; detail = its length */
    TE_ERANGE = 3,   /* offset, index, layer or model outside; detail = that number */
    TE_EGUARD = 4,   /* a run wrote outside its memory; detail = TE_BROKEN_* of arena.h */
    TE_ESESSION = 5, /* no session: the device has restarted since HELLO */
};

#define TE_TEST_CRC 1u
#define TE_TEST_GUARD 2u
#define TE_TEST_ARENA 4u

/* A frame that came: `size` is that of header + payload. */
struct te_frame {
    uint32_t size;
    uint8_t bytes[TE_LINK_SPACE]; /* behind a word, so that every number lies at a multiple of its size */
};

/* Waits for the next frame with a right CRC. It stays valid until the next call. */
const struct te_frame *te_link_receive(void);

/* Sends header + payload (`size` bytes); writes the CRC and a zero behind them, where 5 bytes must be free. */
void te_link_send(uint8_t *frame, uint32_t size);

#endif
