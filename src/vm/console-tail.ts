import { open } from 'node:fs/promises';
import { systemCode } from '../errors/mvm-error.ts';

/** Kernel complaints that every boot shows and that mean nothing: PCI is found through ACPI a moment later. */
const harmlessLines = /PCI: Fatal: No config space access function found/;

/** The last lines of a guest's serial console, without control characters; empty where there is no log. */
export async function consoleTail(path: string, lines = 12): Promise<string[]> {
  const read = 16 * 1024;
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, read));
      await file.read(buffer, 0, buffer.length, Math.max(0, size - read));
      return buffer
        .toString('utf8')
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '' && !harmlessLines.test(line))
        .slice(-lines);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
