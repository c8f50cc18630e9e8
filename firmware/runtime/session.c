/* SPDX-License-Identifier: Apache-2.0 */
/* Takes frames in whatever order the line gives them, has each request executed once and in order. */
#include "session.h"

#include "bytes.h"
#include "command.h"
#include "link.h"

#define FAILED 8u /* size of an ERROR payload */

static struct {
    uint8_t number;                     /* 0: no session yet */
    uint16_t expected;                  /* seq of the next request */
    uint32_t nonce;                     /* of its HELLO */
    uint32_t size;                      /* header + payload of the last answer */
    _Alignas(4) uint8_t failed[FAILED]; /* the first ERROR's payload; TE_EOK while there is none */
    _Alignas(4) uint8_t answer[TE_LINK_FRAME];
} session;

/* Sends a small frame; the last answer stays what it is. */
static void say(uint8_t number, uint32_t seq, uint8_t type, const uint8_t *payload, uint32_t size) {
    uint8_t frame[TE_LINK_HEADER + sizeof(struct hal_fault) + TE_LINK_CRC];
    frame[0] = number;
    te_put16(frame + 1, seq);
    frame[3] = type;
    memcpy(frame + TE_LINK_HEADER, payload, size);
    te_link_send(frame, TE_LINK_HEADER + size);
}

/* The record's words behind its magic. */
static void say_fault(uint8_t number, const struct hal_fault *fault) {
    say(number, 0, TE_FAULT, (const uint8_t *)&fault->pc, sizeof *fault - offsetof(struct hal_fault, pc));
}

void te_session_fault(const struct hal_fault *fault) { say_fault(session.number, fault); }

/* A request of no session: the chip has restarted since its HELLO, perhaps after a fault. */
static void say_lost(uint8_t number, uint32_t seq) {
    const struct hal_fault *fault = hal_fault();
    if (fault != NULL && fault->magic == HAL_FAULT_MAGIC) {
        say_fault(number, fault);
        return;
    }
    uint8_t payload[FAILED] = {TE_ESESSION};
    te_put16(payload + 2, seq);
    say(number, seq, TE_ERROR, payload, FAILED);
}

static void start(uint8_t number, uint32_t seq, uint32_t nonce) {
    struct hal_fault *fault = hal_fault();
    if (fault != NULL) {
        fault->magic = 0;
    }
    session.number = number;
    session.expected = (uint16_t)seq;
    session.nonce = nonce;
    session.failed[0] = TE_EOK;
}

static void execute(const uint8_t *frame, uint32_t size) {
    uint8_t *payload = session.answer + TE_LINK_HEADER;
    uint8_t type = frame[3];
    memcpy(session.answer, frame, TE_LINK_HEADER);
    session.answer[3] = type | TE_ANSWER;
    session.size = TE_LINK_HEADER;
    if (session.failed[0] == TE_EOK) {
        struct te_command command = {.type = type,
                                     .payload = frame + TE_LINK_HEADER,
                                     .size = size - TE_LINK_HEADER,
                                     .answer = payload};
        te_command(&command);
        session.size += command.answered;
        session.failed[0] = command.error;
        te_put16(session.failed + 2, te_get16(frame + 1));
        te_put32(session.failed + 4, command.detail);
    }
    if (session.failed[0] != TE_EOK) {
        session.answer[3] = TE_ERROR;
        memcpy(payload, session.failed, FAILED);
        session.size = TE_LINK_HEADER + FAILED;
    }
}

void te_session_step(void) {
    uint8_t *frame;
    const uint32_t size = te_link_receive(&frame);
    const uint32_t seq = te_get16(frame + 1);
    if (frame[3] == TE_HELLO && size == TE_LINK_HEADER + 4 && frame[0] != 0) {
        /* A late copy of this session's own HELLO must not begin it again: the rules below answer or refuse
         * it. */
        const uint32_t nonce = te_get32(frame + TE_LINK_HEADER);
        if (frame[0] != session.number || nonce != session.nonce) {
            start(frame[0], seq, nonce);
        }
    }
    if (session.number == 0) {
        say_lost(frame[0], seq);
        return;
    }
    if (frame[0] != session.number) {
        return; /* a straggler of an earlier session */
    }
    const int16_t ahead = (int16_t)(uint16_t)(seq - session.expected);
    if (ahead == 0) {
        session.expected++;
        execute(frame, size);
    }
    if (ahead == 0 || ahead == -1) {
        te_link_send(session.answer, session.size);
        te_command_sent(session.answer[3]);
        return;
    }
    uint8_t payload[2];
    te_put16(payload, session.expected);
    say(frame[0], seq, TE_NAK, payload, sizeof payload);
}
