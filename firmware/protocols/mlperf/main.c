/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a started chip, speaks MLPerf Tiny's device protocol on the line: the other end is MLCommons' runner
 * (github.com/mlcommons/tiny, benchmark/runner; the words are those of benchmark/api).
 *
 * A command is text that ends with '%'; its answer are lines, of which the last is m-ready. Time is counted
 * by the port's ticks: on an emulator it is the emulator's. */
#include "runtime/main.h"

#include "mlperf.h"
#include "number.h"
#include "runtime/arena.h"
#include "runtime/bytes.h"
#include "runtime/hal.h"

#define COMMAND 80u /* characters; the runner sends 65 at most */
#define FRACTION 16 /* bits behind the point of a real value */
#define MICROSECONDS 1000000u
#define THOUSANDTHS 1000

static char command[COMMAND + 1];
static uint32_t expected; /* bytes that `db load` has announced */
static uint32_t filled;

static uint32_t length(const char *text) {
    uint32_t count = 0;
    while (text[count] != 0) {
        count++;
    }
    return count;
}

static void say(const char *text) { hal_write((const uint8_t *)text, length(text)); }

static void say_number(uint64_t value) {
    char digits[20];
    uint32_t at = sizeof digits;
    do {
        const uint64_t tenth = te_quotient(value, 10u);
        digits[--at] = (char)('0' + (char)(value - 10u * tenth));
        value = tenth;
    } while (value != 0);
    hal_write((const uint8_t *)&digits[at], sizeof digits - at);
}

/* Answers of three parts. Where one function is called often, compilers for size call it through a register, and
 * what is called through a pointer has no known bound of the stack: so there are few calls. */
static void say_text(const char *before, const char *text, const char *behind) {
    const char *const parts[] = {before, text, behind};
    for (uint32_t i = 0; i < 3u; i++) {
        say(parts[i]);
    }
}

static void say_count(const char *before, uint64_t count, const char *behind) {
    say(before);
    say_number(count);
    say(behind);
}

/* A number of thousandths, with its point. */
static void say_thousandths(int64_t value) {
    if (value < 0) {
        say("-");
        value = -value;
    }
    const uint64_t whole = te_quotient((uint64_t)value, THOUSANDTHS);
    const uint32_t rest = (uint32_t)((uint64_t)value - THOUSANDTHS * whole);
    const char digits[4] = {(char)('0' + rest / 100u), (char)('0' + rest / 10u % 10u),
                            (char)('0' + rest % 10u), 0};
    say_count("", whole, ".");
    say(digits);
}

static void say_hexadecimal(uint8_t value, const char *behind) {
    const char digits[3] = {"0123456789abcdef"[value >> 4], "0123456789abcdef"[value & 15u], 0};
    say_text("", digits, behind);
}

/* The next word of the command: ends it with a zero, gives it, and moves on; an empty one at the end. */
static char *word(char **at) {
    while (**at == ' ') {
        (*at)++;
    }
    char *const start = *at;
    while (**at != 0 && **at != ' ') {
        (*at)++;
    }
    if (**at == ' ') {
        *(*at)++ = 0;
    }
    return start;
}

static bool equal(const char *left, const char *right) {
    while (*left != 0 && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

/* As C's atoi, but for numbers beyond 32 bits, which become the largest: 0 for what is none. */
static int32_t number(const char *text) {
    const bool negative = *text == '-';
    int64_t value = 0;
    for (text += negative ? 1 : 0; *text >= '0' && *text <= '9'; text++) {
        value = value < INT32_MAX ? 10 * value + (*text - '0') : value;
    }
    value = value < INT32_MAX ? value : INT32_MAX;
    return (int32_t)(negative ? -value : value);
}

static int32_t hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static uint32_t float_bits(uint32_t index) {
    uint32_t bits;
    (void)memcpy(&bits, te_mlperf.received + 4u * index, sizeof bits);
    return bits;
}

/* What was received, as the model takes it: floats by its scale; bytes as they are, or from 0 on where the
 * input's zero point says that its values are not below 0, as those of images are. */
static void load(void) {
    const struct te_mlperf_tensor *const input = &te_mlperf.input;
    for (uint32_t i = 0; i < input->size; i++) {
        int32_t value = (int8_t)te_mlperf.received[i];
        if (te_mlperf.rebuilds) {
            value = te_scaled_float(float_bits(i), te_mlperf.per_scale);
            value = value > 1024 ? 1024 : value < -1024 ? -1024 : value;
            value += input->zero_point;
            value = value > INT8_MAX ? INT8_MAX : value < INT8_MIN ? INT8_MIN : value;
        } else if (input->zero_point == INT8_MIN) {
            value = (int32_t)te_mlperf.received[i] + INT8_MIN;
        }
        te_mlperf.loaded[i] = (int8_t)value;
    }
}

/* The input is written each time: a run may have used its place for something else. The copy is part of the time. */
static void infer(void) {
    const struct te_served *const served = te_app.served;
    memcpy(te_app.arena + te_mlperf.input.offset, te_mlperf.loaded, te_mlperf.input.size);
    (void)te_arena_execute(served, 0, served->model->layers);
}

static int64_t output(uint32_t index, int32_t shift) {
    const struct te_mlperf_tensor *const tensor = &te_mlperf.output;
    const int8_t value = (int8_t)te_app.arena[tensor->offset + index];
    return te_shifted((value - tensor->zero_point) * (int64_t)tensor->scale.factor,
                      tensor->scale.shift - shift);
}

static int64_t mean_squared_error(void) {
    const struct te_ratio one = {1u << 31, 31 - FRACTION};
    uint64_t sum = 0;
    for (uint32_t i = 0; i < te_mlperf.output.size; i++) {
        const int64_t difference = output(i, FRACTION) - te_scaled_float(float_bits(i), one);
        const uint64_t size = (uint64_t)(difference < 0 ? -difference : difference);
        sum += size < 1u << 30 ? size * size >> FRACTION : (uint64_t)1 << (60 - FRACTION);
    }
    return te_shifted((int64_t)te_quotient(sum * THOUSANDTHS, te_mlperf.output.size), FRACTION);
}

static void say_results(void) {
    say("m-results-[");
    if (te_mlperf.rebuilds) {
        say_thousandths(mean_squared_error());
    } else {
        const struct te_mlperf_tensor *const tensor = &te_mlperf.output;
        for (uint32_t i = 0; i < tensor->size; i++) {
            const int8_t value = (int8_t)te_app.arena[tensor->offset + i];
            const int64_t scaled = (int64_t)(value - tensor->zero_point) * tensor->scale.factor * THOUSANDTHS;
            say(i == 0 ? "" : ",");
            say_thousandths(te_shifted(scaled, tensor->scale.shift));
        }
    }
    say("]\r\n");
}

static void say_time(void) {
    say_count("m-lap-us-", te_quotient(hal_ticks() * MICROSECONDS, HAL_TICKS_HZ), "\r\n");
}

static void do_infer(char *rest) {
    const char *const first = word(&rest);
    const char *const second = word(&rest);
    const int32_t runs = *first != 0 ? number(first) : 1;
    const int32_t warmups = *second != 0 ? number(second) : 10;
    if (runs <= 0) {
        say("e-[Inference iterations must be >0]\r\n");
        return;
    }
    if (warmups < 0) {
        say("e-[Inference warmup must be >=0]\r\n");
        return;
    }
    load();
    say_count("m-warmup-start-", (uint64_t)warmups, "\r\n");
    for (int32_t i = 0; i < warmups; i++) {
        infer();
    }
    say_count("m-warmup-done\r\nm-infer-start-", (uint64_t)runs, "\r\n");
    say_time();
    for (int32_t i = 0; i < runs; i++) {
        infer();
    }
    say_time();
    say("m-infer-done\r\n");
    say_results();
}

static void announce(const char *text) {
    const int32_t size = number(text);
    if (*text == 0) {
        say("e-[Command 'db load' requires the # of bytes]\r\n");
    } else if (size <= 0) {
        say("e-[Command 'db load' must be >0 bytes]\r\n");
    } else if ((uint32_t)size > te_mlperf.received_size) {
        say_count("e-[Supplied buffer size exceeds the model's input of ", te_mlperf.received_size,
                  " bytes]\r\n");
    } else {
        expected = (uint32_t)size;
        filled = 0;
        say_count("m-[Expecting ", expected, " bytes]\r\n");
    }
}

static void print(void) {
    for (uint32_t i = 0; i < expected; i++) {
        say(i % 8u == 0 ? "m-buffer-" : "-");
        say_hexadecimal(te_mlperf.received[i], i % 8u == 7u || i + 1u == expected ? "\r\n" : "");
    }
}

/* Digits behind the announced number of bytes are not looked at. */
static void receive(const char *digits) {
    if (length(digits) % 2u != 0) {
        say("e-[Insufficent number of hex digits]\r\n");
        return;
    }
    for (; *digits != 0 && filled < expected; digits += 2) {
        const int32_t high = hexadecimal(digits[0]);
        const int32_t low = hexadecimal(digits[1]);
        if (high < 0 || low < 0) {
            const char wrong[3] = {digits[0], digits[1], 0};
            say_text("e-[Invalid hex digit '", wrong, "']\r\n");
            return;
        }
        te_mlperf.received[filled++] = (uint8_t)(high << 4 | low);
        if (filled == expected) {
            say("m-load-done\r\n");
        }
    }
}

static void do_buffer(char *rest) {
    const char *const what = word(&rest);
    if (*what == 0) {
        say("e-[Command 'db' requires a subcommand]\r\n");
    } else if (equal(what, "load")) {
        announce(word(&rest));
    } else if (equal(what, "print")) {
        print();
    } else {
        receive(what);
    }
}

static void obey(char *rest) {
    char *const name = word(&rest);
    if (equal(name, "name")) {
        say("m-name-dut-[tinyedge]\r\n");
    } else if (equal(name, "timestamp")) {
        say_time();
    } else if (equal(name, "profile")) {
        say_text("m-profile-[ULPMark for tinyML Firmware V0.0.1]\r\nm-model-[", te_mlperf.name, "]\r\n");
    } else if (equal(name, "help")) {
        say("help, name, profile, timestamp, db load N, db HH[HH]*, db print, infer N [W=10], results\r\n");
    } else if (equal(name, "db")) {
        do_buffer(rest);
    } else if (equal(name, "infer")) {
        do_infer(rest);
    } else if (equal(name, "results")) {
        say_results();
    } else {
        say_text("e-[Unknown command: ", name, "]\r\n");
    }
    say("m-ready\r\n");
}

/* What does not fit is dropped, and so are the ends of lines that a person's terminal sends. */
_Noreturn void te_main(void) {
    uint32_t count = 0;
    hal_init();
    te_arena_take(te_app.served);
    say("m-init-done\r\nm-ready\r\n");
    for (;;) {
        uint8_t byte;
        if (hal_read(&byte, 1) == 0) {
            continue;
        }
        if (byte == '%') {
            command[count] = 0;
            count = 0;
            obey(command);
        } else if (count < COMMAND && byte != '\r' && byte != '\n') {
            command[count++] = (char)byte;
        }
    }
}
