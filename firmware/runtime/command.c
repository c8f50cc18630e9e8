/* SPDX-License-Identifier: Apache-2.0 */
/* Takes one request, does it on the arena, gives its answer. The table of requests is in link.h. */
#include "command.h"

#include "arena.h"
#include "bytes.h"
#include "crc32.h"
#include "hal.h"
#include "link.h"

static void fail(struct te_command *command, uint8_t error, uint32_t detail) {
    command->error = error;
    command->detail = detail;
}

static void answer64(struct te_command *command, uint64_t value) {
    te_put32(command->answer, (uint32_t)value);
    te_put32(command->answer + 4, (uint32_t)(value >> 32));
    command->answered = 8;
}

/* protocol u8, tick unit u8, payload limit u16, nonce u32, credit u32, ticks_hz u32, models u8, then te_app's
 * identity. */
static void te_hello(struct te_command *command) {
    uint8_t *to = command->answer;
    to[0] = TE_LINK_PROTOCOL;
    to[1] = HAL_TICK_UNIT;
    te_put16(to + 2, TE_LINK_PAYLOAD);
    te_put32(to + 4, te_get32(command->payload));
    te_put32(to + 8, HAL_RX_CREDIT);
    te_put32(to + 12, HAL_TICKS_HZ);
    to[16] = (uint8_t)te_app.models;
    memcpy(to + 17, te_app.identity, te_app.identity_size);
    command->answered = 17 + te_app.identity_size;
}

/* Copies a string with its zero; gives what is behind it. */
static uint8_t *put_text(uint8_t *to, const char *text) {
    do {
        *to++ = (uint8_t)*text;
    } while (*text++ != 0);
    return to;
}

/* arena u32, state u32, layers u32, inputs u16, outputs u16, then the strings name and id. */
static void te_describe(struct te_command *command, const struct te_model *model) {
    uint8_t *to = command->answer;
    te_put32(to, model->arena_size);
    te_put32(to + 4, model->state_size);
    te_put32(to + 8, model->layers);
    te_put16(to + 12, model->inputs);
    te_put16(to + 14, model->outputs);
    to = put_text(put_text(to + 16, model->name), model->id);
    command->answered = (uint32_t)(to - command->answer);
}

static void te_tensor(struct te_command *command, const struct te_model *model) {
    const uint32_t index = te_get16(command->payload);
    if (index >= (uint32_t)model->inputs + model->outputs) {
        fail(command, TE_ERANGE, index);
        return;
    }
    te_put32(command->answer, model->places[index].offset);
    te_put32(command->answer + 4, model->places[index].size);
    command->answered = 8;
}

/* Whether offset .. offset + size - 1 lies in the model's arena; fails the command otherwise. */
static bool te_inside(struct te_command *command, const struct te_model *model, uint32_t offset,
                      uint32_t size) {
    if (size > model->arena_size || offset > model->arena_size - size) {
        fail(command, TE_ERANGE, offset);
        return false;
    }
    return true;
}

static void te_write(struct te_command *command, const struct te_served *served) {
    const uint32_t offset = te_get32(command->payload);
    const uint32_t size = command->size - 4;
    if (te_inside(command, served->model, offset, size)) {
        te_arena_take(served);
        memcpy(te_arena() + offset, command->payload + 4, size);
    }
}

static void te_read(struct te_command *command, const struct te_model *model) {
    const uint32_t offset = te_get32(command->payload);
    const uint32_t size = te_get16(command->payload + 4);
    if (size > TE_LINK_PAYLOAD) {
        fail(command, TE_ESIZE, size);
    } else if (te_inside(command, model, offset, size)) {
        memcpy(command->answer, te_arena() + offset, size);
        command->answered = size;
    }
}

static void te_execute(struct te_command *command, const struct te_served *served, uint32_t first,
                       uint32_t last) {
    const uint64_t ticks = te_arena_execute(served, first, last);
    const uint32_t broken = te_arena_broken();
    if (broken != 0) {
        te_arena_arm(served);
        fail(command, TE_EGUARD, broken);
        return;
    }
    answer64(command, ticks);
}

static void te_run(struct te_command *command, const struct te_served *served) {
    const uint32_t first = te_get16(command->payload);
    const uint32_t last = te_get16(command->payload + 2);
    if (last > served->model->layers || first > last) {
        fail(command, TE_ERANGE, last > served->model->layers ? last : first);
        return;
    }
    te_execute(command, served, first, last);
}

static void te_infer(struct te_command *command, const struct te_served *served) {
    const struct te_model *model = served->model;
    const struct te_place *const end = model->places + model->inputs + model->outputs;
    uint32_t size = 8;
    for (const struct te_place *place = model->places + model->inputs; place < end; place++) {
        size += place->size;
    }
    if (size > TE_LINK_PAYLOAD) {
        fail(command, TE_ESIZE, size);
        return;
    }
    te_write(command, served);
    if (command->error == TE_EOK) {
        te_execute(command, served, 0, model->layers);
    }
    if (command->error != TE_EOK) {
        return;
    }
    for (const struct te_place *place = model->places + model->inputs; place < end; place++) {
        memcpy(command->answer + command->answered, te_arena() + place->offset, place->size);
        command->answered += place->size;
    }
}

static void te_memory(struct te_command *command) {
    struct hal_memory memory;
    hal_memory(&memory);
    te_put32(command->answer, memory.stack_size);
    te_put32(command->answer + 4, memory.stack_used);
    te_put32(command->answer + 8, memory.static_size);
    command->answered = 12;
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
    failed |= te_arena_broken() == 0 ? 0 : TE_TEST_GUARD;
    for (uint32_t i = 0; i < te_app.models; i++) {
        /* Behind a smaller model's arena are its guards and then the rest of a larger one's. */
        te_arena_arm(&te_app.served[i]);
        failed |= te_holds(te_arena(), te_app.served[i].model->arena_size) ? 0 : TE_TEST_ARENA;
    }
    te_put32(command->answer, failed);
    command->answered = 4;
}

/* The only length that a request's payload may have behind the model's number; those with data have it on
 * top. */
static uint32_t te_length(uint8_t type) {
    switch (type) {
    case TE_HELLO:
    case TE_WRITE:
    case TE_INFER:
    case TE_RUN:
        return 4;
    case TE_READ:
        return 6;
    case TE_TENSOR:
        return 2;
    default:
        return 0;
    }
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
        answer64(command, hal_ticks());
        break;
    case TE_RESET:
        break; /* te_command_sent() does it */
    default:
        fail(command, TE_ECOMMAND, command->type);
    }
}

static void te_model_request(struct te_command *command, const struct te_served *served) {
    switch (command->type) {
    case TE_MODEL:
        te_describe(command, served->model);
        break;
    case TE_TENSOR:
        te_tensor(command, served->model);
        break;
    case TE_WRITE:
        te_write(command, served);
        break;
    case TE_READ:
        te_read(command, served->model);
        break;
    case TE_RUN:
        te_run(command, served);
        break;
    case TE_INFER:
        te_infer(command, served);
        break;
    default:
        te_arena_restore(served);
    }
}

static bool te_has_number(uint8_t type) {
    return (type >= TE_TENSOR && type <= TE_RUN) || (type >= TE_MODEL && type <= TE_RESET_STATE);
}

void te_command(struct te_command *command) {
    const bool of_model = te_has_number(command->type);
    const uint32_t length = te_length(command->type) + (of_model ? 1u : 0u);
    const bool has_data = command->type == TE_WRITE || command->type == TE_INFER;
    if (command->size < length || (command->size > length && !has_data)) {
        fail(command, TE_ESIZE, command->size);
        return;
    }
    if (!of_model) {
        te_image_request(command);
        return;
    }
    const uint32_t number = command->payload[0];
    if (number >= te_app.models) {
        fail(command, TE_ERANGE, number);
        return;
    }
    command->payload++;
    command->size--;
    te_model_request(command, &te_app.served[number]);
}

void te_command_sent(uint8_t type) {
    if (type == (TE_RESET | TE_ANSWER)) {
        hal_reset();
    }
}
