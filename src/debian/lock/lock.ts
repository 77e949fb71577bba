import type { PackageIndex } from '../index/packages.ts';
import type { PackageRecord } from '../index/record.ts';
import { resolve } from '../index/resolve.ts';
import { fulfils } from '../index/version.ts';
import { components } from './components.ts';
import type { Lock } from './json.ts';
import type { Table } from './table.ts';

type Index = Pick<PackageIndex, 'get' | 'providers' | 'names' | 'suite' | 'date' | 'arch'>;

/** The index without the dependencies that we do not want: those that only an installed Debian needs. */
function trimmed(index: Index, table: Table): Pick<PackageIndex, 'get' | 'providers' | 'names'> {
  const without = new Map<string, Set<string>>();
  const closed = new Set<string>();
  const listed = new Set([...table.entries.values()].flatMap(({ debs }) => debs));
  for (const { debs, without: names = [], closed: whole = false } of table.entries.values()) {
    for (const deb of debs) {
      if (whole) closed.add(deb);
      const known = without.get(deb) ?? new Set();
      without.set(deb, known.union(new Set(names)));
    }
  }
  return {
    names: () => index.names(),
    providers: (name) => index.providers(name),
    get(name) {
      const record = index.get(name);
      if (record === undefined) return undefined;
      const drop = (wanted: string): boolean =>
        table.ignored.has(wanted) ||
        (without.get(name)?.has(wanted) ?? false) ||
        (closed.has(name) && !listed.has(wanted));
      return { ...record, depends: record.depends.filter((group) => !group.some((item) => drop(item.name))) };
    },
  };
}

/** Which of the chosen packages meet a package's dependencies. */
function edges(record: PackageRecord, chosen: ReadonlyMap<string, PackageRecord>): string[] {
  const found = new Set<string>();
  for (const group of record.depends) {
    for (const wanted of group) {
      const fits = (version: string | undefined): boolean =>
        wanted.relation === undefined ||
        wanted.version === undefined ||
        (version !== undefined && fulfils(version, wanted.relation, wanted.version));
      const real = chosen.get(wanted.name);
      const meets =
        real !== undefined && fits(real.version)
          ? real
          : [...chosen.values()].find((other) =>
              other.provides.some((item) => item.name === wanted.name && fits(item.version)),
            );
      if (meets === undefined) continue;
      if (meets.name !== record.name) found.add(meets.name);
      break;
    }
  }
  return [...found];
}

/** Which unit each package belongs to: what the table merges, then what circles force together. */
function unitsOf(graph: ReadonlyMap<string, readonly string[]>, table: Table): Map<string, string> {
  const joined = new Map<string, string>();
  const top = (name: string): string => {
    let at = name;
    for (let next = joined.get(at); next !== undefined; next = joined.get(at)) at = next;
    return at;
  };
  for (const { debs } of table.entries.values()) {
    const first = debs[0];
    for (const deb of debs) {
      if (first !== undefined && top(deb) !== top(first)) joined.set(top(deb), top(first));
    }
  }
  const merged = new Map<string, string[]>();
  for (const [name, targets] of graph) {
    const known = merged.get(top(name)) ?? [];
    merged.set(top(name), [...known, ...targets.map(top)]);
  }
  const names = new Map<string, string>();
  const listed = new Set([...table.entries.values()].map(({ debs }) => debs[0]));
  for (const group of components(merged)) {
    const name = group.find((member) => listed.has(member)) ?? group[0];
    for (const member of group) if (name !== undefined) names.set(member, name);
  }
  return new Map([...graph.keys()].map((name) => [name, names.get(top(name)) ?? top(name)]));
}

/**
 * The lock of a stand-in nixpkgs: all packages of the table, those in `extra`, and what they need, grouped
 * into units without circles. Throws PACKAGE_NOT_FOUND, PACKAGE_INVALID.
 */
export function makeLock(index: Index, table: Table, extra: readonly string[] = []): Lock {
  const names = [...table.entries.values()].flatMap(({ debs }) => debs);
  const records = resolve(trimmed(index, table), [...new Set([...names, ...extra])]);
  const chosen = new Map(records.map((record) => [record.name, record]));
  const sorted = [...chosen.keys()].sort();
  const graph = new Map(
    sorted.map((name) => {
      const record = chosen.get(name);
      return [name, record === undefined ? [] : edges(record, chosen)];
    }),
  );
  const units = unitsOf(graph, table);
  const lock: Lock = {
    schema: 1,
    suite: index.suite,
    date: index.date,
    arch: index.arch,
    packages: {},
    units: {},
  };
  for (const name of sorted) {
    const record = chosen.get(name);
    const unit = units.get(name);
    if (record === undefined || unit === undefined) continue;
    const { version, filename: path, sha256, size } = record;
    lock.packages[name] = { version, path, sha256, size, unit };
    lock.units[unit] ??= { packages: [], depends: [] };
    const { packages, depends } = lock.units[unit];
    packages.push(name);
    for (const target of graph.get(name) ?? []) {
      const needed = units.get(target);
      if (needed !== undefined && needed !== unit && !depends.includes(needed)) depends.push(needed);
    }
    depends.sort();
  }
  return lock;
}
