import { packCpio } from '../src/image/format/cpio.ts';

export const floorText = 'mvm-floor-reached';

/**
 * An x86_64 ELF of one segment that writes `floorText` to its standard output and waits for ever: nothing can
 * reach a first line of /init sooner.
 */
function floorInit(): Buffer {
  const base = 0x400000;
  const text = Buffer.from(`${floorText}\n`, 'latin1');
  const codeOffset = 64 + 56;
  const code = Buffer.from(
    [
      'b801000000', // mov eax, 1        write
      'bf01000000', // mov edi, 1
      '488d3511000000', // lea rsi, [rip + 17]
      `ba${text.length.toString(16).padStart(2, '0')}000000`, // mov edx, length
      '0f05', // syscall
      'b822000000', // mov eax, 34       pause
      '0f05', // syscall
      'ebf7', // jmp back to pause
    ].join(''),
    'hex',
  );
  const file = Buffer.concat([Buffer.alloc(codeOffset), code, text]);
  // The text lies right behind the code: its distance from the end of lea (offset 17).
  file.writeInt32LE(code.length - 17, codeOffset + 13);
  Buffer.from('7f454c4602010100', 'hex').copy(file);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + codeOffset), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(BigInt(base), 80);
  file.writeBigUInt64LE(BigInt(base), 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  return file;
}

/** An initrd that only prints a line. */
export function floorInitrd(): Buffer {
  return packCpio([
    { type: 'file', path: 'init', data: floorInit(), mode: 0o755 },
    { type: 'dir', path: 'dev' },
    { type: 'char', path: 'dev/console', major: 5, minor: 1 },
  ]);
}
