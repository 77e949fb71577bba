import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import type { Alternative } from './dependency.ts';
import type { PackageIndex } from './packages.ts';
import type { PackageRecord } from './record.ts';
import { fulfils } from './version.ts';

type Lookup = Pick<PackageIndex, 'get' | 'providers' | 'names'>;

function versionFits(version: string | undefined, wanted: Alternative): boolean {
  if (wanted.relation === undefined || wanted.version === undefined) return true;
  return version !== undefined && fulfils(version, wanted.relation, wanted.version);
}

/** The package of that name, or the first provider by name; a provider must state a version if one is required. */
function find(index: Lookup, wanted: Alternative, chosen: ReadonlyMap<string, PackageRecord>) {
  const real = index.get(wanted.name);
  if (real !== undefined && versionFits(real.version, wanted)) return real;
  const providers = index
    .providers(wanted.name)
    .toSorted()
    .map((name) => index.get(name))
    .filter((record) => record !== undefined)
    .filter((record) =>
      record.provides.some((item) => item.name === wanted.name && versionFits(item.version, wanted)),
    );
  return providers.find((record) => chosen.has(record.name)) ?? providers[0];
}

function notFound(index: Lookup, name: string): MvmError {
  const near = nearest(name, index.names());
  return new MvmError('PACKAGE_NOT_FOUND', `The Debian package "${name}" does not exist in the index.`, {
    ...(near === undefined ? {} : { details: [`nearest name: ${near}`] }),
    hint: near === undefined ? `apt-cache search ${name}` : `did you mean ${near}?`,
  });
}

/**
 * The packages named and all that they need (Pre-Depends, Depends), each once, in the order in which they
 * are met: first the names, then breadth-first. Of alternatives a chosen package wins, then the first that
 * exists. Throws PACKAGE_NOT_FOUND.
 */
export function resolve(index: Lookup, names: readonly string[]): PackageRecord[] {
  const chosen = new Map<string, PackageRecord>();
  for (const name of names) {
    const record = find(index, { name }, chosen);
    if (record === undefined) throw notFound(index, name);
    chosen.set(record.name, record);
  }
  // A Map's iteration also visits what is added on the way.
  for (const record of chosen.values()) {
    for (const group of record.depends) {
      const met = group.some(
        (wanted) =>
          versionFits(chosen.get(wanted.name)?.version ?? undefined, wanted) && chosen.has(wanted.name),
      );
      if (met) continue;
      const found = group
        .map((wanted) => find(index, wanted, chosen))
        .find((candidate) => candidate !== undefined);
      if (found === undefined) {
        const text = group.map(
          (item) => `${item.name}${item.version ? ` (${item.relation} ${item.version})` : ''}`,
        );
        throw new MvmError(
          'PACKAGE_NOT_FOUND',
          `${record.name} needs ${text.join(' or ')}, which is not in the index.`,
        );
      }
      chosen.set(found.name, found);
    }
  }
  return [...chosen.values()];
}
