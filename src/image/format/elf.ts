/** Just enough of ELF64 little-endian (System V gABI, chapters 4 and 5) for kernels, their modules and the agent. */
export interface ElfProgram {
  type: number;
  /** Where its header begins in the file. */
  headerAt: number;
  offset: number;
  fileSize: number;
  memorySize: number;
}

export interface ElfSection {
  name: string;
  /** In memory. */
  address: number;
  offset: number;
  size: number;
}

export interface Elf {
  bytes: Buffer;
  machine: number;
  /** Address of the first instruction. */
  entry: number;
  programs: ElfProgram[];
  sections: ElfSection[];
}

export const PT_LOAD = 1;
export const PT_NOTE = 4;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

const stringAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, bytes.indexOf(0, at));

/** Parses the headers. Returns undefined if `bytes` is not an ELF64 little-endian file or is cut short. */
export function readElf(bytes: Buffer): Elf | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  if (bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  try {
    return {
      bytes,
      machine: bytes.readUInt16LE(18),
      entry: u64(bytes, 24),
      programs: readPrograms(bytes),
      sections: readSections(bytes),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readPrograms(bytes: Buffer): ElfProgram[] {
  const at = u64(bytes, 32);
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => {
    const headerAt = at + i * size;
    return {
      type: bytes.readUInt32LE(headerAt),
      headerAt,
      offset: u64(bytes, headerAt + 8),
      fileSize: u64(bytes, headerAt + 32),
      memorySize: u64(bytes, headerAt + 40),
    };
  });
}

function readSections(bytes: Buffer): ElfSection[] {
  const at = u64(bytes, 40);
  const size = bytes.readUInt16LE(58);
  const count = bytes.readUInt16LE(60);
  if (at === 0 || count === 0) return [];
  const names = u64(bytes, at + bytes.readUInt16LE(62) * size + 24);
  return Array.from({ length: count }, (_, i) => {
    const header = at + i * size;
    return {
      name: stringAt(bytes, names + bytes.readUInt32LE(header)),
      address: u64(bytes, header + 16),
      offset: u64(bytes, header + 24),
      size: u64(bytes, header + 32),
    };
  });
}

/** The bytes of a section, or undefined. */
export function elfSection(elf: Elf, name: string): Buffer | undefined {
  const section = elf.sections.find((s) => s.name === name);
  return section && elf.bytes.subarray(section.offset, section.offset + section.size);
}

/** The notes of all PT_NOTE segments. */
export function* elfNotes(elf: Elf): Generator<{ owner: string; type: number }> {
  for (const program of elf.programs) {
    if (program.type !== PT_NOTE) continue;
    const end = Math.min(program.offset + program.fileSize, elf.bytes.length);
    let at = program.offset;
    while (at + 12 <= end) {
      const nameSize = elf.bytes.readUInt32LE(at);
      const dataSize = elf.bytes.readUInt32LE(at + 4);
      const owner = elf.bytes.toString('latin1', at + 12, at + 12 + nameSize).replace(/\0+$/, '');
      yield { owner, type: elf.bytes.readUInt32LE(at + 8) };
      at += 12 + ((nameSize + 3) & ~3) + ((dataSize + 3) & ~3);
    }
  }
}
