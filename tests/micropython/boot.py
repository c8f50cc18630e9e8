# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: main.py on a board that this file plays, which breaks or is stopped after a while."""

import sys


class Machine:
    pass


sys.modules["machine"] = machine = Machine()
seen = []
low = []  # pins that are grounded


class Pin:
    IN, OUT, PULL_UP = range(3)

    def __init__(self, name, mode=None, pull=None):
        self.name = name

    def value(self, *given):
        if given:
            seen.append((self.name, given[0]))
        return self.name not in low


class Ends:
    left = 0
    how = KeyboardInterrupt

    def tick(self):
        Ends.left -= 1
        if Ends.left < 0:
            raise Ends.how("stopped")


class ADC(Ends):
    def __init__(self, pin):
        pass

    def read_u16(self):
        self.tick()
        return (40000 * Ends.left) & 0xFFFF


class I2C(Ends):
    def __init__(self, *given, **named):
        pass

    def writeto_mem(self, address, register, data):
        seen.append((address, (register, data)))

    def readfrom_mem_into(self, address, register, raw):
        self.tick()
        for i in range(0, 14, 2):
            raw[i] = 0x7F if Ends.left % 2 else 0x80


class I2S(Ends):
    RX, MONO = range(2)

    def __init__(self, *given, **named):
        pass

    def readinto(self, samples):
        self.tick()
        for i in range(len(samples)):
            samples[i] = (-1) ** i * 9000


machine.Pin, machine.ADC, machine.I2C, machine.I2S = Pin, ADC, I2C, I2S
source = open("main.py").read()
skip = int(source.split("SKIP = ")[1].split()[0])
# Nothing waits here.
source = source.replace("time.sleep(2)", "pass").replace(
    "while time.ticks_diff", "while False and time.ticks_diff"
)


def boot(how):
    Ends.left, Ends.how = 60, how
    del seen[:]
    sys.modules.pop("model", None)
    try:
        exec(source, {"__name__": "__main__"})
    except KeyboardInterrupt:
        print("to the REPL by Ctrl-C")
    else:
        print("to the REPL")
    print(sorted({value for name, value in seen if name != 0x68}))


boot(KeyboardInterrupt)
boot(OSError)
low.append(skip)
boot(KeyboardInterrupt)
