// SPDX-License-Identifier: Apache-2.0
// Takes a UF2 file, starts it in the emulator rp2040js as the RP2040's boot ROM does; UART0 is stdin and stdout.
// Arguments: the module's file, the UF2 file.
import fs from "fs";
import { pathToFileURL } from "url";

const [, , module, image] = process.argv;
const { RP2040 } = await import(pathToFileURL(module).href);
const chip = new RP2040();
const FLASH = 0x10000000;
const STAGE2 = 0x41f00; // where in RAM the ROM puts the flash's first 256 bytes
const FIFO = 16; // bytes that are given to the UART at a time
const CYCLE = 8; // ns, at 125 MHz

const uf2 = fs.readFileSync(image);
for (let at = 0; at < uf2.length; at += 512) {
  const size = uf2.readUInt32LE(at + 16);
  chip.flash.set(uf2.subarray(at + 32, at + 32 + size), uf2.readUInt32LE(at + 12) - FLASH);
}
chip.sram.set(chip.flash.subarray(0, 256), STAGE2);
chip.core.PC = 0x20000000 + STAGE2;
chip.core.SP = 0x20042000;

const input = [];
process.stdin.on("data", (bytes) => input.push(...bytes));
process.stdin.on("end", () => process.exit(0));
let output = [];
chip.uart[0].onByte = (byte) => output.push(byte);

function run() {
  for (let i = 0; i < 20000; i++) chip.clock.tick(chip.core.executeInstruction() * CYCLE);
  while (input.length > 0 && chip.uart[0].rxFIFO.itemCount < FIFO) chip.uart[0].feedByte(input.shift());
  if (output.length > 0) process.stdout.write(Buffer.from(output));
  output = [];
  setImmediate(run);
}
run();
