import { extractFiles, type FetchPackageOptions, fetchPackage } from '../debian/package-file.ts';
import type { PackageIndex } from '../debian/packages.ts';
import type { PackageRecord } from '../debian/record.ts';
import { MvmError } from '../errors/mvm-error.ts';

/** A record by name. Throws PACKAGE_NOT_FOUND. */
export function findPackage(index: PackageIndex, name: string): PackageRecord {
  const record = index.get(name);
  if (record !== undefined) return record;
  throw new MvmError(
    'PACKAGE_NOT_FOUND',
    `Debian ${index.suite} (${index.arch}) has no package ${name} at ${index.mirror.url}.`,
  );
}

/**
 * The package that has the cloud kernel: `linux-image-cloud-<arch>` is empty and depends on the one of the
 * current version. Throws PACKAGE_NOT_FOUND.
 */
export function findKernelPackage(index: PackageIndex): PackageRecord {
  const meta = findPackage(index, `linux-image-cloud-${index.arch}`);
  const name = meta.depends.flat().find((dependency) => /^linux-image-\d/.test(dependency.name))?.name;
  if (name !== undefined) return findPackage(index, name);
  throw new MvmError(
    'PACKAGE_NOT_FOUND',
    `The package ${meta.name} ${meta.version} names no kernel package (it depends on: ${meta.rawDepends}).`,
  );
}

/** The wanted regular files of a package, by path; loads the package where the cache lacks it. */
export async function packageFiles(
  index: PackageIndex,
  record: PackageRecord,
  wanted: (path: string) => boolean,
  options: FetchPackageOptions,
): Promise<Map<string, Buffer>> {
  const entries = await extractFiles(await fetchPackage(index, record, options), wanted);
  const files = [...entries].filter(([, entry]) => entry.type === 'file');
  return new Map(files.map(([path, entry]) => [path, entry.data]));
}
