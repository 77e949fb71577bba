import { expect, test } from 'vitest';
import type { PackageRecord } from '../index/record.ts';
import { supersededIn } from './current.ts';
import type { Lock } from './json.ts';

const lock: Lock = {
  schema: 1,
  suite: 'trixie',
  date: 'Sat, 01 Nov 2025 00:00:00 UTC',
  arch: 'amd64',
  packages: {
    jq: { version: '1-1', path: 'pool/jq_1-1.deb', sha256: 'a', size: 1, unit: 'jq' },
    git: { version: '1-1', path: 'pool/git_1-1.deb', sha256: 'b', size: 1, unit: 'git' },
  },
  units: {},
};

function indexOf(files: Record<string, [path: string, sha256: string]>) {
  return {
    get: (name: string) => {
      const [filename, sha256] = files[name] ?? [];
      return filename === undefined ? undefined : ({ filename, sha256 } as PackageRecord);
    },
  };
}

test('a lock whose files the archive still has is current', () => {
  const index = indexOf({ jq: ['pool/jq_1-1.deb', 'a'], git: ['pool/git_1-1.deb', 'b'] });
  expect(supersededIn(lock, index)).toEqual([]);
});

test('an updated package and one that was removed make a lock old', () => {
  expect(supersededIn(lock, indexOf({ jq: ['pool/jq_1-2.deb', 'c'] }))).toEqual(['jq', 'git']);
});
