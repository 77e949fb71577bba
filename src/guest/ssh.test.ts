import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type FakeGuest, fakeGuest, type GuestEnd } from '../../test/fakes/guest.ts';
import { frameTypes } from '../protocol/frame.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { runSshServer } from './ssh.ts';

let guest: FakeGuest;
afterEach(() => guest.close());

const program = (content: Buffer): string => {
  const path = join(temporaryFolder('mvm-server-'), 'mvm-ssh');
  writeFileSync(path, content);
  return path;
};
const keys = { digest: '0'.repeat(64), hostKey: 'h', userKey: 'u', env: { A: 'b' } };

async function asked(path: string, answer: (guest: GuestEnd) => Promise<void>): Promise<void> {
  guest = await fakeGuest(async (end) => {
    await end.welcome();
    await answer(end);
  });
  await runSshServer(guest, { program: path, ...keys });
}

test('the program is handed in where the guest does not have it', async () => {
  const content = Buffer.alloc(300_000, 'program ');
  const got: Buffer[] = [];
  await asked(program(content), async (end) => {
    await end.started({ present: false });
    await end.consume((bytes) => got.push(bytes), 10_000);
    await end.object(frameTypes.result, {});
  });
  expect(Buffer.concat(got).equals(content)).toBe(true);
});

test('a guest that has it is sent nothing', async () => {
  await asked('/nonexistent', async (end) => {
    await end.started({ present: true });
    await end.object(frameTypes.result, {});
  });
});

test('what the guest refuses, and a program that is not there, are told', async () => {
  const refusal = (code: string) => (end: GuestEnd) =>
    end.object(frameTypes.error, { code, message: 'words' });
  await expect(asked('/x', refusal('unknown_op'))).rejects.toMatchObject({
    code: 'GUEST_REFUSED',
    message: expect.stringContaining('too old for SSH'),
  });
  await guest.close();
  await expect(asked('/x', refusal('bad_digest'))).rejects.toThrow('bad_digest');
  await guest.close();
  const missing = asked('/nonexistent', async (end) => {
    await end.started({ present: false });
    await end.credit(1000);
    while ((await end.next()) !== undefined);
  });
  await expect(missing).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
});
