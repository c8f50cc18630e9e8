/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a call of MicroPython's (native code of kind viper), runs the model: run(arena, state, constants, first,
   last, input..., output..., tap...), buffers but for two numbers: layers first to last - 1, with nothing copied in or
   out where there are no buffers behind them. Gives which of the first three are not aligned, and runs nothing then or
   without numbers.

   How it is called and what the table holds is .mpy version 6, sub-versions 1 to 3: the function gets itself,
   counts and arguments; entry 3 of the table makes a number or a pointer of an object, entry 4 an object of a
   number. */
#include <stddef.h>
#include <stdint.h>

enum { FROM_OBJECT = 3, TO_OBJECT = 4, TYPE_INT = 2, TYPE_POINTER = 5 };
enum { BLOCKS = 3, LAYERS = 2, MOST_PORTS = 16, ALIGNMENT = 4 };

typedef uintptr_t from_object(uintptr_t object, uintptr_t type);
typedef uintptr_t to_object(uintptr_t value, uintptr_t type);

/* The linker script puts it behind all else, where MicroPython adds the table's address to it on import. */
__attribute__((section(".table"), used)) const uintptr_t te_table = 0;

void te_native_execute(uint8_t *const *buffers, int32_t first, int32_t last, int32_t whole);
uintptr_t te_native_entry(const void *self, size_t count, size_t keywords, const uintptr_t *arguments);

__attribute__((section(".text.entry"), used)) uintptr_t te_native_entry(const void *self, size_t count,
                                                                        size_t keywords,
                                                                        const uintptr_t *arguments) {
    /* Volatile: what it is at link time says nothing. */
    const uintptr_t *table = (const uintptr_t *)*(const volatile uintptr_t *)&te_table;
    from_object *from = (from_object *)table[FROM_OBJECT];
    to_object *to = (to_object *)table[TO_OBJECT];
    uint8_t *buffers[BLOCKS + MOST_PORTS];
    uintptr_t misaligned = 0;
    (void)self;
    (void)keywords;
    for (size_t i = 0; i < BLOCKS; i++) {
        const uintptr_t place = from(arguments[i], TYPE_POINTER);
        buffers[i] = (uint8_t *)place;
        if (place % ALIGNMENT != 0)
            misaligned |= (uintptr_t)1 << i;
    }
    if (misaligned == 0 && count > BLOCKS) {
        const uintptr_t *numbers = arguments + BLOCKS, *ports = numbers + LAYERS;
        const size_t given = count - BLOCKS - LAYERS;
        for (size_t i = 0; i < given && i < MOST_PORTS; i++)
            buffers[BLOCKS + i] = (uint8_t *)from(ports[i], TYPE_POINTER);
        te_native_execute(buffers, (int32_t)from(numbers[0], TYPE_INT), (int32_t)from(numbers[1], TYPE_INT),
                          given != 0);
    }
    return to(misaligned, TYPE_INT);
}
