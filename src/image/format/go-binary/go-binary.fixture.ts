import { makeElf } from '../elf.fixture.ts';

export interface GoProgram {
  machine: number;
  /** Names of functions; the first is where the program begins. */
  functions: readonly string[];
  path: string;
  settings: Record<string, string>;
  /** Further bytes of the program. */
  data?: string;
}

/** A program as far as its tables go: no code is in it. */
export function makeGoProgram({ machine, functions, path, settings, data = '' }: GoProgram): Buffer {
  return makeElf(
    machine,
    [],
    [
      { name: '.text', data: Buffer.alloc(64 * functions.length, 0x90) },
      { name: '.rodata', data: Buffer.from(data) },
      { name: '.gopclntab', data: functionTable(functions) },
      { name: '.go.buildinfo', data: buildInfo(path, settings) },
    ],
  );
}

function functionTable(functions: readonly string[]): Buffer {
  const names = Buffer.from(functions.map((name) => `${name}\0`).join(''));
  const files = Buffer.from('main.go\0');
  const header = Buffer.alloc(8 + 8 * 8);
  header.writeUInt32LE(0xfffffff1, 0);
  header.set([1, 8], 6);
  const pairs = Buffer.alloc((functions.length * 2 + 1) * 4);
  const described = Buffer.alloc(functions.length * 8);
  let nameAt = 0;
  functions.forEach((name, i) => {
    pairs.writeUInt32LE(i * 64, i * 8);
    pairs.writeUInt32LE(pairs.length + i * 8, i * 8 + 4);
    described.writeUInt32LE(i * 64, i * 8);
    described.writeUInt32LE(nameAt, i * 8 + 4);
    nameAt += Buffer.byteLength(name) + 1;
  });
  const parts = [names, Buffer.alloc(8), files, Buffer.alloc(8)];
  const words = [functions.length, 1, 0];
  let at = header.length;
  for (const part of parts) {
    words.push(at);
    at += part.length;
  }
  words.push(at);
  for (const [i, word] of words.entries()) header.writeBigUInt64LE(BigInt(word), 8 + i * 8);
  return Buffer.concat([header, ...parts, pairs, described]);
}

function buildInfo(path: string, settings: Record<string, string>): Buffer {
  const lines = Object.entries(settings).map(([key, value]) => `build\t${key}=${value}\n`);
  const text = `${'<'.repeat(16)}path\t${path}\n${lines.join('')}${'>'.repeat(16)}`;
  const header = Buffer.alloc(32);
  header.write('\xff Go buildinf:', 0, 'latin1');
  header.set([8, 2], 14);
  return Buffer.concat([header, counted('go1.26'), counted(text)]);
}

function counted(text: string): Buffer {
  const { length } = text;
  return Buffer.concat([Buffer.from([(length & 127) | 128, length >> 7]), Buffer.from(text, 'latin1')]);
}
