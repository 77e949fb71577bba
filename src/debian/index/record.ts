import { MvmError } from '../../errors/mvm-error.ts';
import type { Stanza } from '../deb822.ts';
import { type Alternative, type Dependency, parseDependencies } from './dependency.ts';

/** A package as the index describes it. */
export interface PackageRecord {
  name: string;
  version: string;
  /** `amd64`, `arm64` or `all`. */
  architecture: string;
  /** Path below the mirror's base. */
  filename: string;
  /** Bytes of the package file. */
  size: number;
  /** Of the package file, in hex. */
  sha256: string;
  /** The text of Pre-Depends and Depends, joined. */
  rawDepends: string;
  depends: Dependency[];
  provides: Alternative[];
}

/** Throws PACKAGE_INVALID when a field that we rely on is missing or could lead out of the cache. */
export function toRecord(stanza: Stanza, name: string): PackageRecord {
  const field = (key: string, shape: RegExp): string => {
    const value = stanza.get(key) ?? '';
    if (shape.test(value)) return value;
    throw new MvmError('PACKAGE_INVALID', `The index entry of ${name} has a bad ${key}: "${value}".`);
  };
  const rawDepends = [stanza.get('pre-depends'), stanza.get('depends')]
    .filter((text) => text !== undefined && text !== '')
    .join(', ');
  return {
    name: field('package', /^[a-z0-9][a-z0-9+.-]*$/),
    version: field('version', /^[A-Za-z0-9.+~:-]+$/),
    architecture: field('architecture', /^[a-z0-9-]+$/),
    filename: field('filename', /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w.+~%:@/-]+$/),
    size: Number(field('size', /^\d{1,15}$/)),
    sha256: field('sha256', /^[0-9a-f]{64}$/),
    rawDepends,
    depends: parseDependencies(rawDepends),
    provides: parseDependencies(stanza.get('provides')).flat(),
  };
}
