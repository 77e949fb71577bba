/** Small ELF64 files for tests: real headers around made-up contents. */
export interface FixtureProgram {
  type: number;
  data: Buffer;
}

export interface FixtureSection {
  name: string;
  data: Buffer;
}

export function makeElf(
  machine: number,
  programs: readonly FixtureProgram[],
  sections: readonly FixtureSection[] = [],
): Buffer {
  const header = Buffer.alloc(64 + programs.length * 56);
  header.writeUInt32BE(0x7f454c46, 0);
  header.set([2, 1, 1], 4);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(programs.length, 56);
  const parts: Buffer[] = [header];
  let at = header.length;
  const append = (data: Buffer) => {
    parts.push(data);
    at += data.length;
    return at - data.length;
  };
  programs.forEach(({ type, data }, i) => {
    const head = 64 + i * 56;
    header.writeUInt32LE(type, head);
    header.writeBigUInt64LE(BigInt(append(data)), head + 8);
    header.writeBigUInt64LE(BigInt(data.length), head + 32);
    header.writeBigUInt64LE(BigInt(data.length), head + 40);
  });
  const all = [...sections, { name: '.shstrtab', data: Buffer.alloc(0) }];
  const names = Buffer.from(`\0${all.map((s) => `${s.name}\0`).join('')}`);
  const table = Buffer.alloc((all.length + 1) * 64);
  all.forEach(({ name, data }, i) => {
    const body = name === '.shstrtab' ? names : data;
    const head = (i + 1) * 64;
    table.writeUInt32LE(names.indexOf(`${name}\0`), head);
    table.writeBigUInt64LE(BigInt(append(body)), head + 24);
    table.writeBigUInt64LE(BigInt(body.length), head + 32);
  });
  header.writeBigUInt64LE(BigInt(append(table)), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(all.length + 1, 60);
  header.writeUInt16LE(all.length, 62);
  return Buffer.concat(parts);
}

export function makeNote(owner: string, type: number, data: Buffer): Buffer {
  const name = Buffer.alloc((owner.length + 4) & ~3);
  name.write(owner, 'latin1');
  const head = Buffer.alloc(12);
  head.writeUInt32LE(owner.length + 1, 0);
  head.writeUInt32LE(data.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, name, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** A kernel module that says what it depends on. */
export function makeModule(depends: string): Buffer {
  const info = Buffer.from(`license=GPL\0depends=${depends}\0vermagic=6.12\0`);
  return makeElf(62, [], [{ name: '.modinfo', data: info }]);
}

/** A module with a signature as the kernel's build appends it. */
export function sign(module: Buffer): Buffer {
  const info = Buffer.alloc(12);
  info.writeUInt32BE(300, 8);
  return Buffer.concat([module, Buffer.alloc(300, 7), info, Buffer.from('~Module signature appended~\n')]);
}

/** An x86 kernel: a note with the PVH entry, code, and zeros as a .bss written out. */
export function makeX86Kernel(options: { pvh?: boolean; machine?: number } = {}): Buffer {
  const note = makeNote('Xen', options.pvh === false ? 6 : 18, Buffer.alloc(8, 1));
  return makeElf(
    options.machine ?? 62,
    [
      { type: 4, data: note },
      { type: 1, data: Buffer.concat([Buffer.alloc(5000, 0x90), Buffer.alloc(20_000)]) },
    ],
    [{ name: '.symtab', data: Buffer.alloc(9000, 3) }],
  );
}

/** A bzImage around an already compressed payload (boot protocol 2.15, one setup sector). */
export function makeBzImage(payload: Buffer, version = 0x20f): Buffer {
  const head = Buffer.alloc(1024 + 64);
  head[0x1f1] = 1;
  head.write('HdrS', 0x202, 'latin1');
  head.writeUInt16LE(version, 0x206);
  head.writeUInt32LE(64, 0x248);
  head.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([head, payload, Buffer.alloc(100)]);
}

/** The compressed bytes and the uncompressed size behind them, as the kernel's build appends it. */
export function withSize(compressed: Buffer, size: number): Buffer {
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(size);
  return Buffer.concat([compressed, tail]);
}

/** What begins a raw arm64 kernel. */
export function makeArm64Kernel(): Buffer {
  const image = Buffer.alloc(4096, 5);
  image.write('ARM\x64', 0x38, 'latin1');
  return image;
}
