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

/** The lock as text: one line a package and a unit, so that a change of one is a line of a diff. */
export function formatLock(lock: Lock): string {
  const lines = (items: object): string =>
    Object.entries(items)
      .map(([name, item]) => `    ${JSON.stringify(name)}: ${JSON.stringify(item)}`)
      .join(',\n');
  const { packages, units, ...head } = lock;
  return `{
${Object.entries(head)
  .map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`)
  .join('\n')}
  "packages": {
${lines(packages)}
  },
  "units": {
${lines(units)}
  }
}
`;
}
