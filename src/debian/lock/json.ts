/** A Debian package as the lock keeps it. */
export interface LockedPackage {
  version: string;
  /** Path below the mirror's base. */
  path: string;
  /** In hex. */
  sha256: string;
  /** Bytes of the package file. */
  size: number;
  /** The unit that holds it. */
  unit: string;
}

/** Packages that become one store path, and the units that it needs. */
export interface LockedUnit {
  packages: string[];
  depends: string[];
}

/** `nix/debian/lock/<arch>.json`: what the stand-in nixpkgs is made of. */
export interface Lock {
  schema: 1;
  suite: string;
  /** The signed date of the index. */
  date: string;
  arch: string;
  packages: Record<string, LockedPackage>;
  units: Record<string, LockedUnit>;
}

/** Columns of a line, as the project's formatter counts them. */
const width = 110;

/**
 * JSON as the project's formatter writes it: objects a line a key, lists in one line where they fit. `around`
 * counts the columns that the line has besides.
 */
function format(value: unknown, indent: string, around: number): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const short = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (around + short.length <= width) return short;
    return `[\n${value.map((item) => deeper + JSON.stringify(item)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  const lines = entries.map(([name, item], i) => {
    const key = `${deeper}${JSON.stringify(name)}: `;
    return key + format(item, deeper, key.length + (i < entries.length - 1 ? 1 : 0));
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}

/** The lock as text. */
export function formatLock(lock: Lock): string {
  return `${format(lock, '', 0)}\n`;
}
