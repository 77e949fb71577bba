import { readPackage } from '../../../debian/package/file.ts';
import { MvmError } from '../../../errors/mvm-error.ts';
import type { CpioEntry } from '../../../image/format/cpio.ts';
import { builderEtc } from './etc.ts';
import { cpioEntry, joinedPath } from './layout.ts';
import { isWanted } from './packages.ts';
import { scripts } from './scripts.ts';

const folders: readonly (readonly [path: string, mode?: number])[] = [
  ['dev'],
  ['etc/ssl/certs'],
  ['mvm'],
  ['nix'],
  ['proc'],
  ['root', 0o700],
  ['run'],
  ['sys'],
  ['tmp', 0o1777],
  ['usr/lib64'],
  ['usr/sbin'],
  ['var/tmp', 0o1777],
];

const links: readonly (readonly [path: string, target: string])[] = [
  ['bin', 'usr/bin'],
  ['sbin', 'usr/sbin'],
  ['lib', 'usr/lib'],
  ['lib64', 'usr/lib64'],
  ['etc/mtab', '/proc/self/mounts'],
  ['usr/bin/sh', 'bash'],
  // Packaged as a copy of usr/bin/git.
  ['usr/lib/git-core/git', '../../bin/git'],
  ['var/run', '/run'],
];

/**
 * The builder's root file system from unpacked package files. No maintainer script runs: what they would do
 * and a builder needs is done here. Throws PACKAGE_INVALID.
 */
export async function builderRoot(
  files: readonly string[],
  version: string,
  onPackage: (done: number) => void,
): Promise<CpioEntry[]> {
  const entries = new Map<string, CpioEntry>();
  const certificates: [path: string, pem: Buffer][] = [];
  for (const [done, file] of files.entries()) {
    onPackage(done);
    for await (const entry of readPackage(file)) {
      const path = joinedPath(entry.path);
      if (!isWanted(path)) continue;
      const data = entry.type === 'file' ? await entry.read() : Buffer.alloc(0);
      if (path.startsWith('usr/share/ca-certificates/')) {
        if (path.endsWith('.crt')) certificates.push([path, data]);
        continue;
      }
      const made = cpioEntry(entry, data);
      // A folder may come with several packages; the first one's mode is as good as any.
      if (made !== undefined && (made.type !== 'dir' || !entries.has(path))) entries.set(path, made);
    }
  }
  for (const entry of ownEntries(version)) entries.set(entry.path, entry);
  entries.set('etc/ssl/certs/ca-certificates.crt', bundle(certificates));
  checkPrograms(entries);
  return [...entries.values()];
}

function ownEntries(version: string): CpioEntry[] {
  return [
    ...folders.map(([path, mode]): CpioEntry => ({ type: 'dir', path, mode: mode ?? 0o755 })),
    ...links.map(([path, target]): CpioEntry => ({ type: 'link', path, target })),
    ...Object.entries(builderEtc(version)).map(
      ([name, text]): CpioEntry => textFile(`etc/${name}`, text, 0o644),
    ),
    ...Object.entries(scripts).map(([name, text]): CpioEntry => textFile(`usr/bin/${name}`, text, 0o755)),
  ];
}

function textFile(path: string, text: string, mode: number): CpioEntry {
  return { type: 'file', path, data: Buffer.from(text), mode };
}

/** What update-ca-certificates makes: all certificates in one file, in the order of their names. */
function bundle(certificates: [path: string, pem: Buffer][]): CpioEntry {
  const pems = certificates
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, pem]) => `${pem.toString('latin1').trim()}\n`);
  return textFile('etc/ssl/certs/ca-certificates.crt', pems.join(''), 0o644);
}

/** A rule of ours or a change of Debian's that loses a program is found here, not in a user's build. */
function checkPrograms(entries: ReadonlyMap<string, CpioEntry>): void {
  for (const name of [
    'bash',
    'bash-static',
    'flock',
    'git',
    'mount',
    'nix',
    'patchelf',
    'tar',
    'mkfs.erofs',
  ]) {
    if (entries.has(`usr/bin/${name}`) || entries.has(`usr/sbin/${name}`)) continue;
    throw new MvmError('PACKAGE_INVALID', `The builder's packages have no program ${name}.`);
  }
}
