import { type Elf, elfSection } from '../elf.ts';

/**
 * The table by which a Go program finds the functions of a stack, from the section `.gopclntab`; the linker writes
 * it into every program, stripped or not. Written from its description in Go's own sources (debug/gosym and
 * internal/abi), for the format that Go has since 1.20.
 */
export interface GoFunctions {
  /** The full names of all functions that were compiled in, including those that were inlined elsewhere. */
  names: string[];
  /** The source files, as the compiler named them. */
  files: string[];
  /** The function at which the program begins. */
  entry: string;
}

const MAGIC = 0xfffffff1;
const POINTER = 8;

/** What the table says; otherwise why nothing can be read. */
export function readGoFunctions(elf: Elf): GoFunctions | string {
  const table = elfSection(elf, '.gopclntab');
  const text = elf.sections.find(({ name }) => name === '.text');
  if (table === undefined || text === undefined) return 'it has no table of Go functions (.gopclntab)';
  if (table.length < 8 + 8 * POINTER || table.readUInt32LE(0) !== MAGIC || table[7] !== POINTER) {
    return 'its table of Go functions is of an unknown format';
  }
  const word = (i: number) => Number(table.readBigUInt64LE(8 + i * POINTER));
  const count = word(0);
  const [namesAt, unitsAt, filesAt, pcAt, functionsAt] = [word(3), word(4), word(5), word(6), word(7)];
  const inOrder = namesAt < unitsAt && unitsAt <= filesAt && filesAt < pcAt && pcAt < functionsAt;
  if (!inOrder || count < 1 || functionsAt + (count * 2 + 1) * 4 > table.length) {
    return 'its table of Go functions is damaged';
  }
  const entry = functionAt(elf.entry - text.address);
  if (entry === undefined)
    return 'the table of Go functions does not have the place where the program begins';
  return { names: strings(namesAt, unitsAt), files: strings(filesAt, pcAt), entry };

  function strings(from: number, to: number): string[] {
    return (table as Buffer).toString('utf8', from, to).split('\0').filter(Boolean);
  }

  /** Pairs of an offset in the code, in rising order, and where the function is described. */
  function functionAt(offset: number): string | undefined {
    const bytes = table as Buffer;
    for (let i = 0; i < count; i++) {
      if (bytes.readUInt32LE(functionsAt + i * 8) !== offset) continue;
      const at = functionsAt + bytes.readUInt32LE(functionsAt + i * 8 + 4) + 4;
      const name = at + 4 <= bytes.length ? namesAt + bytes.readUInt32LE(at) : unitsAt;
      return name < unitsAt ? bytes.toString('utf8', name, bytes.indexOf(0, name)) : undefined;
    }
    return undefined;
  }
}

/** The import path of the package that a function is of: `mvm/guest/internal/boot` of `….boot.(*Journal).Ready`. */
export function packageOf(name: string): string {
  // Type arguments hold paths of their own.
  const plain = name.split('[', 1)[0] ?? '';
  const dot = plain.indexOf('.', plain.lastIndexOf('/') + 1);
  return dot === -1 ? plain : plain.slice(0, dot);
}
