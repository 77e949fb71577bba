import { Duplex, PassThrough } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest, type Script } from '../../../test/fakes/guest.ts';
import { attachEntrypoint } from './entrypoint.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

async function attach(script: Script, stdout: Duplex = new PassThrough(), onBrokenPipe = () => {}) {
  guest = await fakeGuest(script);
  const stderr = new PassThrough();
  const result = await attachEntrypoint(guest, { stdout, stderr, onBrokenPipe });
  return { result, stdout, stderr };
}

it('gives the output to its streams and ends with the exit status', async () => {
  const { result, stdout, stderr } = await attach(async (g) => {
    expect(g.open).toEqual({ op: 'entrypoint' });
    await g.welcome();
    await g.started({ pid: 60 });
    await g.data(1, 'out');
    await g.data(2, 'err');
    await g.exit(143, 'TERM');
  });
  expect(result).toEqual({ status: 143, signal: 'TERM' });
  expect([String(stdout.read()), String(stderr.read())]).toEqual(['out', 'err']);
});

it('goes on to the end without its reader, which it tells of once', async () => {
  const gone = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  let told = 0;
  const { result } = await attach(
    async (g) => {
      await g.welcome();
      await g.started({ pid: null });
      for (let i = 0; i < 3; i++) await g.data(1, 'more');
      await g.exit(7);
    },
    gone,
    () => told++,
  );
  expect([result.status, told]).toEqual([7, 1]);
});

it('throws GUEST_LOST when the VM ends first, GUEST_REFUSED where there is a shell, GUEST_PROTOCOL for nonsense', async () => {
  const lost: Script = async (g) => {
    await g.welcome();
    await g.started({ pid: 60 });
    g.socket.end();
  };
  await expect(attach(lost)).rejects.toMatchObject({ code: 'GUEST_LOST' });
  await guest.close();
  const shell: Script = async (g) => {
    await g.welcome();
    await g.object(0x88, { code: 'bad_request', message: 'the entrypoint is a shell: it has a console' });
  };
  await expect(attach(shell)).rejects.toMatchObject({ code: 'GUEST_REFUSED' });
  await guest.close();
  const nonsense: Script = async (g) => {
    await g.welcome();
    await g.started({ pid: 'none' });
  };
  await expect(attach(nonsense)).rejects.toMatchObject({ code: 'GUEST_PROTOCOL' });
});
