/**
 * Writer of cpio archives in the "newc" format, as the kernel unpacks them from an initrd
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Equal input gives equal bytes: owner 0:0,
 * time 0, inode numbers in sequence, entries sorted by path.
 */
export type CpioEntry =
  | { type: 'dir'; path: string; mode?: number }
  | { type: 'file'; path: string; data: Uint8Array; mode?: number }
  | { type: 'link'; path: string; target: string }
  | { type: 'char'; path: string; major: number; minor: number; mode?: number };

const kinds = { dir: 0o040000, file: 0o100000, link: 0o120000, char: 0o020000 };

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

/** Zero bytes up to the next multiple of four. */
const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

interface Header {
  ino: number;
  mode: number;
  links: number;
  size: number;
  major: number;
  minor: number;
}

function header(name: string, h: Header): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const fields = [h.ino, h.mode, 0, 0, h.links, 0, h.size, 0, 0, h.major, h.minor, nameBytes.length, 0];
  const bytes = Buffer.concat([Buffer.from(`070701${fields.map(hex).join('')}`), nameBytes]);
  return Buffer.concat([bytes, padding(bytes.length)]);
}

function modeOf(entry: CpioEntry): number {
  if (entry.type === 'link') return kinds.link | 0o777;
  const usual = entry.type === 'dir' ? 0o755 : entry.type === 'file' ? 0o644 : 0o600;
  return kinds[entry.type] | (entry.mode ?? usual);
}

/** Adds the parent folders of entries, if they are missing; the kernel creates no parents of its own. */
function withParents(entries: readonly CpioEntry[]): CpioEntry[] {
  const all = new Map<string, CpioEntry>();
  for (const entry of entries) {
    if (all.has(entry.path)) throw new Error(`two cpio entries for ${entry.path}`);
    if (entry.path === '' || entry.path.startsWith('/')) throw new Error(`bad cpio path '${entry.path}'`);
    all.set(entry.path, entry);
  }
  for (const { path } of entries) {
    for (let i = path.indexOf('/'); i > 0; i = path.indexOf('/', i + 1)) {
      const parent = path.slice(0, i);
      if (!all.has(parent)) all.set(parent, { type: 'dir', path: parent });
    }
  }
  return [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/**
 * One archive of the entries. Paths are relative to the root ("etc/passwd"). The result is padded to four
 * bytes, so archives can be concatenated.
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  let ino = 1;
  for (const entry of withParents(entries)) {
    const data =
      entry.type === 'file'
        ? entry.data
        : entry.type === 'link'
          ? Buffer.from(entry.target)
          : Buffer.alloc(0);
    const device = entry.type === 'char' ? entry : { major: 0, minor: 0 };
    parts.push(
      header(entry.path, {
        ino: ino++,
        mode: modeOf(entry),
        links: entry.type === 'dir' ? 2 : 1,
        size: data.length,
        major: device.major,
        minor: device.minor,
      }),
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      padding(data.length),
    );
  }
  parts.push(header('TRAILER!!!', { ino: 0, mode: 0, links: 1, size: 0, major: 0, minor: 0 }));
  return Buffer.concat(parts);
}
