/* SPDX-License-Identifier: Apache-2.0 */
/* Takes one request, does it on the arena, gives its answer. The table of requests is in link.h. */
#include "command.h"

#include "arena.h"
#include "bytes.h"
#include "crc32.h"
#include "hal.h"
#include "link.h"

static void fail(struct te_command *command, uint8_t error, uint32_t detail) {
    command->failure.code = error;
    command->failure.detail = detail;
}

/* Puts bytes behind what the answer has already. */
static void answer(struct te_command *command, const void *from, uint32_t size) {
    command->answer = (uint8_t *)memcpy(command->answer, from, size) + size;
}

/* protocol u8, tick unit u8, payload limit u16, nonce u32, credit u32, ticks_hz u32, models u32, then te_app's
 * identity. */
static void te_hello(struct te_command *command) {
    uint8_t *to = command->answer;
    to[0] = TE_LINK_PROTOCOL;
    to[1] = HAL_TICK_UNIT;
    te_put16(to + 2, TE_LINK_PAYLOAD);
    te_put32(to + 4, te_get32(command->payload));
    te_put32(to + 8, HAL_RX_CREDIT);
    te_put32(to + 12, HAL_TICKS_HZ);
    te_put32(to + 16, te_app.models);
    command->answer = to + 20;
    answer(command, te_app.identity, te_app.identity_size);
}

static void te_ticks(struct te_command *command) {
    const uint64_t ticks = hal_ticks();
    answer(command, &ticks, sizeof ticks);
}

static void te_memory(struct te_command *command) {
    struct hal_memory memory;
    hal_memory(&memory);
    answer(command, &memory, sizeof memory);
}

/* Two values per byte, each bit both ways; multiplying by an odd number makes bytes that share an address
 * line differ, so a line that is stuck or shorted shows. */
static bool te_holds(volatile uint8_t *memory, uint32_t size) {
    bool good = true;
    for (uint32_t flip = 0; flip < 256; flip += 255) {
        for (uint32_t i = 0; i < size; i++) {
            memory[i] = (uint8_t)((i * 0x9E3779B1u >> 24) ^ flip);
        }
        for (uint32_t i = 0; i < size; i++) {
            good &= memory[i] == (uint8_t)((i * 0x9E3779B1u >> 24) ^ flip);
        }
    }
    return good;
}

static void te_self_test(struct te_command *command) {
    static const uint8_t digits[] = "123456789";
    uint32_t failed = te_crc32(digits, 9) == 0xCBF43926u ? 0 : TE_TEST_CRC;
    failed |= te_arena_renew() == 0 ? 0 : TE_TEST_GUARD;
    failed |= te_holds(te_app.arena, te_app.arena_size) ? 0 : TE_TEST_ARENA;
    /* Behind the arena of a model that is not the largest are its guards. */
    (void)te_arena_renew();
    answer(command, &failed, sizeof failed);
}

static void te_image_request(struct te_command *command) {
    switch (command->type) {
    case TE_HELLO:
        te_hello(command);
        break;
    case TE_MEMORY:
        te_memory(command);
        break;
    case TE_SELF_TEST:
        te_self_test(command);
        break;
    case TE_TICKS:
        te_ticks(command);
        break;
    default:
        break; /* a RESET: done when the answer is on the line */
    }
}

static void te_describe(struct te_command *command, const struct te_model *model) {
    answer(command, model, offsetof(struct te_model, align));
    answer(command, model->identity, model->identity_size);
}

static void te_tensor(struct te_command *command, const struct te_model *model, uint32_t index) {
    if (index >= (uint32_t)model->inputs + model->outputs) {
        fail(command, TE_ERANGE, index);
        return;
    }
    answer(command, &model->places[index], sizeof model->places[index]);
}

/* Whether `size` bytes of the arena from `offset` on are the model's; else the command fails. */
static bool te_inside(struct te_command *command, const struct te_model *model, uint32_t offset,
                      uint32_t size) {
    if (size > model->arena_size || offset > model->arena_size - size) {
        fail(command, TE_ERANGE, offset);
        return false;
    }
    return true;
}

static void te_write(struct te_command *command, const struct te_served *served, uint32_t offset) {
    const uint32_t size = command->size - TE_PLACED;
    if (te_inside(command, served->model, offset, size)) {
        te_arena_take(served);
        memcpy(te_app.arena + offset, command->payload + TE_PLACED, size);
    }
}

static void te_read(struct te_command *command, const struct te_model *model, uint32_t offset,
                    uint32_t size) {
    if (size > TE_LINK_PAYLOAD) {
        fail(command, TE_ESIZE, size);
        return;
    }
    if (te_inside(command, model, offset, size)) {
        answer(command, te_app.arena + offset, size);
    }
}

static void te_run(struct te_command *command, const struct te_served *served, uint32_t first,
                   uint32_t last) {
    if (last > served->model->layers || first > last) {
        fail(command, TE_ERANGE, last > served->model->layers ? last : first);
        return;
    }
    const uint64_t ticks = te_arena_execute(served, first, last);
    const uint32_t broken = te_arena_renew();
    if (broken != 0) {
        fail(command, TE_EGUARD, broken);
        return;
    }
    answer(command, &ticks, sizeof ticks);
}

static void te_infer(struct te_command *command, const struct te_served *served, uint32_t offset) {
    const struct te_model *const model = served->model;
    const struct te_place *const places = model->places + model->inputs;
    uint32_t size = 8;
    for (uint32_t i = 0; i < model->outputs; i++) {
        size += places[i].size;
    }
    if (size > TE_LINK_PAYLOAD) {
        fail(command, TE_ESIZE, size);
        return;
    }
    te_write(command, served, offset);
    if (command->failure.code == TE_EOK) {
        te_run(command, served, 0, model->layers);
    }
    for (uint32_t i = 0; i < model->outputs && command->failure.code == TE_EOK; i++) {
        answer(command, te_app.arena + places[i].offset, places[i].size);
    }
}

static void te_model_request(struct te_command *command, const struct te_served *served) {
    const uint32_t number = te_get16(command->payload + 2);
    /* Where a request has no such field, what follows the payload in the frame's buffer. */
    const uint32_t place = te_get32(command->payload + 4);
    switch (command->type) {
    case TE_MODEL:
        te_describe(command, served->model);
        break;
    case TE_TENSOR:
        te_tensor(command, served->model, number);
        break;
    case TE_RESET_STATE:
        te_arena_restore(served);
        break;
    case TE_WRITE:
        te_write(command, served, place);
        break;
    case TE_READ:
        te_read(command, served->model, place, number);
        break;
    case TE_RUN:
        te_run(command, served, number, place);
        break;
    default:
        te_infer(command, served, place);
    }
}

/* What every payload of this type begins with, in bytes; only a WRITE and an INFER may be longer. */
static uint32_t te_head(uint8_t type) {
    if (type >= TE_WRITE) {
        return TE_PLACED;
    }
    return type >= TE_MODEL || type == TE_HELLO ? 4 : 0;
}

void te_command(struct te_command *command) {
    const uint8_t type = command->type;
    const uint32_t head = te_head(type);
    if (type < TE_HELLO || type > TE_INFER) {
        fail(command, TE_ECOMMAND, type);
    } else if (command->size < head || (command->size > head && type != TE_WRITE && type != TE_INFER)) {
        fail(command, TE_ESIZE, command->size);
    } else if (type < TE_MODEL) {
        te_image_request(command);
    } else if (te_get16(command->payload) >= te_app.models) {
        fail(command, TE_ERANGE, te_get16(command->payload));
    } else {
        te_model_request(command, &te_app.served[te_get16(command->payload)]);
    }
}
