import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { guestFailure } from './failure.ts';
import { findLocalPlace } from './local-place.ts';

test.each([
  ['unwritable', '/no such/x: there is no folder /no such', "mvmctl exec demo -- mkdir -p '/no such'"],
  ['unreadable', "/it's/x: no such file or folder", "mvmctl exec demo -- ls -ld '/it'\\''s/x'"],
  ['unwritable', '/a\nb: permission denied', "mvmctl exec demo -- ls -ld '/a\nb'"],
  ['full', '/srv data/x: the disk is full', "mvmctl exec demo -- df -h '/srv data'"],
  ['bad_tree', '/t/a: a symbolic link is there, through which …', 'mvmctl exec demo -- ls -ld /t/a'],
  ['bad_tree', 'the tree has no end', undefined],
] as const)('what a guest refuses (%s, %j) has a command that a shell reads as it is meant', (code, message, hint) => {
  expect(guestFailure({ type: 'error', code, message }, 'write', 'demo').hint).toBe(hint);
});

test('a folder that is not there is made with the command of the error', () => {
  const dir = join(temporaryFolder('mvm-place-'), 'my files');
  mkdirSync(dir);
  expect(() => findLocalPlace(`${dir}/new/x`, false)).toThrow(
    expect.objectContaining({
      message: `Can't write ${dir}/new/x: there is no folder ${dir}/new.`,
      hint: `mkdir -p '${dir}/new'`,
    }),
  );
});
