import type { Accelerator, Arch } from '../../backend.ts';
import { firmware, machine } from '../plan/machine.ts';

/*
 * A guest of a few instructions, our own, to learn whether an accelerator really runs guests, and how fast
 * the time stamp counter counts.
 */

/**
 * x86_64: started in 32-bit mode through the PVH note, as real guests are. For each byte that comes in on the
 * first serial port it sends back the time stamp counter (8 bytes, little-endian); at `q` it writes to QEMU's
 * isa-debug-exit device, which ends QEMU with status 2 · 0x10 + 1.
 */
const x86Code = [
  '66bafd03', //     wait: mov dx, 0x3fd      line status of the serial port
  'ec', //                 in al, dx
  'a801', //               test al, 1         has a byte come in?
  '74f7', //               jz wait
  '66baf803', //           mov dx, 0x3f8
  'ec', //                 in al, dx
  '3c71', //               cmp al, 'q'
  '741d', //               je end
  '0f31', //               rdtsc
  '89c6', //               mov esi, eax
  '89d3', //               mov ebx, edx
  '66baf803', //           mov dx, 0x3f8
  'b908000000', //         mov ecx, 8
  '89f0', //         next: mov eax, esi
  'ee', //                 out dx, al
  '0facde08', //           shrd esi, ebx, 8
  'c1eb08', //             shr ebx, 8
  'e2f4', //               loop next
  'ebd1', //               jmp wait
  '66baf400', //     end:  mov dx, 0xf4
  'b010', //               mov al, 0x10
  'ee', //                 out dx, al
  'f4', //                 hlt
].join('');

/** aarch64: a flat image that asks the firmware to switch off (PSCI SYSTEM_OFF), which ends QEMU. */
const aarch64Code = [
  '00018052', // mov w0, #8
  '0080b072', // movk w0, #0x8400, lsl #16   (0x84000008: SYSTEM_OFF)
  '020000d4', // hvc #0
  '00000014', // b .
].join('');

/** QEMU's exit status when the guest did what it should. */
export const successStatus: Record<Arch, number> = { x86_64: 33, aarch64: 0 };

const loadAddress = 0x100000;

/** A 32-bit ELF with one segment and the note XEN_ELFNOTE_PHYS32_ENTRY (18) naming the entry. */
function x86Elf(): Buffer {
  const code = Buffer.from(x86Code, 'hex');
  const noteOffset = 52 + 2 * 32;
  const codeOffset = noteOffset + 20;
  const file = Buffer.alloc(codeOffset + code.length);
  Buffer.from('7f454c46010101', 'hex').copy(file);
  const half = (at: number, value: number): number => file.writeUInt16LE(value, at);
  const word = (at: number, value: number): number => file.writeUInt32LE(value, at);
  half(16, 2); // executable
  half(18, 3); // i386
  word(20, 1); // version
  word(24, loadAddress + codeOffset); // entry
  word(28, 52); // program headers' offset
  half(40, 52); // this header's size
  half(42, 32); // a program header's size
  half(44, 2); // and their number
  const segment = (at: number, type: number, offset: number, size: number): void => {
    const fields = [type, offset, loadAddress + offset, loadAddress + offset, size, size, 7, 4];
    for (const [index, value] of fields.entries()) word(at + 4 * index, value);
  };
  segment(52, 1, 0, file.length); // PT_LOAD
  segment(84, 4, noteOffset, 20); // PT_NOTE
  word(noteOffset, 4); // length of the name
  word(noteOffset + 4, 4); // length of the value
  word(noteOffset + 8, 18);
  file.write('Xen\0', noteOffset + 12, 'latin1');
  word(noteOffset + 16, loadAddress + codeOffset);
  code.copy(file, codeOffset);
  return file;
}

export function probeGuest(arch: Arch): Buffer {
  return arch === 'x86_64' ? x86Elf() : Buffer.from(aarch64Code, 'hex');
}

/** The arguments that start the guest from a file, on the machine that real guests get. */
export function probeGuestArguments(arch: Arch, accelerator: Accelerator, kernel: string): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-M', machine(arch, accelerator), ...firmware(arch), '-accel', accelerator, '-m', '64M'],
    ...['-cpu', accelerator === 'tcg' ? 'max' : 'host', '-kernel', kernel],
    ...(arch === 'x86_64' ? ['-serial', 'stdio', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04'] : []),
  ];
}
