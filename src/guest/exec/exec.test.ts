import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest, type Script } from '../../../test/fakes/guest.ts';
import { frameTypes } from '../../protocol/frame.ts';
import { type ExecOptions, execInGuest } from './exec.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

class Collector extends Writable {
  readonly chunks: Buffer[] = [];
  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    this.chunks.push(chunk);
    done();
  }
  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

const base = (): ExecOptions & { stdout: Collector; stderr: Collector } => ({
  argv: ['x'],
  tty: false,
  stdout: new Collector(),
  stderr: new Collector(),
  signals: null,
});

async function run(script: Script, options: ExecOptions): ReturnType<typeof execInGuest> {
  guest = await fakeGuest(script);
  return execInGuest(guest, options);
}

const begin = async (g: Parameters<Script>[0]): Promise<void> => {
  await g.welcome();
  await g.started();
};

describe('execInGuest', () => {
  it('keeps stdout and stderr apart and gives the status', async () => {
    const options = { ...base(), env: { A: 'b' }, cwd: '/tmp', user: 'nobody', argv: ['sh', '-c', 'true'] };
    let open: unknown;
    let pid = 0;
    const result = await run(
      async (g) => {
        open = g.open;
        await begin(g);
        await g.data(1, 'out');
        await g.data(2, 'err');
        await g.eof(2);
        await g.data(1, Buffer.from([0, 255, 27]));
        await g.eof(1);
        await g.exit(7);
      },
      {
        ...options,
        onStarted: (n) => {
          pid = n;
        },
      },
    );
    expect(result).toEqual({ status: 7 });
    expect(pid).toBe(7);
    expect(Buffer.concat(options.stdout.chunks)).toEqual(Buffer.from('out\0\xff\x1b', 'latin1'));
    expect(options.stderr.text).toBe('err');
    expect(open).toEqual({
      op: 'exec',
      argv: ['sh', '-c', 'true'],
      tty: false,
      stdin: false,
      env: { A: 'b' },
      cwd: '/tmp',
      user: 'nobody',
    });
  });

  it('names the signal that ended the process', async () => {
    expect(await run((g) => begin(g).then(() => g.exit(137, 'KILL')), base())).toEqual({
      status: 137,
      signal: 'KILL',
    });
  });

  it('sends standard input and its end', async () => {
    const got: Buffer[] = [];
    const wanted = Buffer.alloc(500_000, 'input ');
    await run(
      async (g) => {
        await begin(g);
        await g.consume((bytes) => got.push(bytes));
        await g.exit(0);
      },
      { ...base(), stdin: Readable.from([wanted.subarray(0, 9), wanted.subarray(9)]) },
    );
    expect(Buffer.concat(got).equals(wanted)).toBe(true);
  });

  it('ends although standard input does not, and leaves that paused', async () => {
    const stdin = new PassThrough();
    stdin.write('unread');
    await run((g) => begin(g).then(() => g.exit(0)), { ...base(), stdin });
    expect(stdin.isPaused()).toBe(true);
    expect(stdin.listenerCount('data')).toBe(0);
  });

  it('says when standard input cannot be read', async () => {
    const stdin = new Readable({
      read() {
        this.destroy(Object.assign(new Error('is a directory'), { code: 'EISDIR' }));
      },
    });
    await expect(
      run(
        async (g) => {
          await begin(g);
          await g.next();
        },
        { ...base(), stdin },
      ),
    ).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('EISDIR'),
    });
  });

  it('holds the guest up while the reader is slow, and resolves after the last byte', async () => {
    let taken = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk, _, done) {
        setImmediate(() => {
          taken += chunk.length;
          done();
        });
      },
    });
    const total = 8 * 1024 * 1024;
    await run(
      async (g) => {
        await begin(g);
        await g.data(1, Buffer.alloc(total));
        await g.exit(0);
      },
      { ...base(), stdout: slow },
    );
    expect(taken).toBe(total);
  });

  it('ends quietly with 141 when the reader of its output goes away', async () => {
    let writes = 0;
    const head = new Writable({
      write(_, __, done) {
        done(++writes > 1 ? Object.assign(new Error('broken pipe'), { code: 'EPIPE' }) : null);
      },
    });
    const result = await run(
      async (g) => {
        await begin(g);
        while (!g.socket.destroyed && g.socket.writable && (await yes(g)));
      },
      { ...base(), stdout: head },
    );
    expect(result).toEqual({ status: 141, signal: 'PIPE' });
  });

  it('says when the output cannot be written', async () => {
    const full = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    });
    await expect(
      run((g) => begin(g).then(() => g.data(1, 'x')), { ...base(), stdout: full }),
    ).rejects.toMatchObject({ code: 'STATE_WRITE', message: expect.stringContaining('ENOSPC') });
  });

  it.each([
    ['not_found', 'EXEC_NOT_FOUND', 127],
    ['not_executable', 'EXEC_NOT_EXECUTABLE', 126],
    ['no_such_user', 'GUEST_REFUSED', 1],
    ['bad_directory', 'GUEST_REFUSED', 1],
    ['something_new', 'GUEST_REFUSED', 1],
  ])('turns the error %s into %s', async (code, wanted, exitCode) => {
    await expect(
      run(
        (g) => g.welcome().then(() => g.object(frameTypes.error, { code, message: 'frob', hint: '' })),
        base(),
      ),
    ).rejects.toMatchObject({ code: wanted, exitCode, message: expect.stringContaining('frob') });
  });

  it('throws GUEST_LOST when the guest dies, after the output so far', async () => {
    const options = base();
    const script: Script = async (g) => {
      await begin(g);
      await g.data(1, 'half');
      g.socket.end();
    };
    await expect(run(script, options)).rejects.toMatchObject({ code: 'GUEST_LOST' });
    expect(options.stdout.text).toBe('half');
  });

  it('forwards signals, and gives up at the third SIGINT', async () => {
    const signals = new EventEmitter();
    const seen: string[] = [];
    const running = run(
      async (g) => {
        await begin(g);
        for (;;) {
          const frame = await g.next();
          if (frame === undefined) return;
          if (frame.type !== frameTypes.signal) continue;
          seen.push(JSON.parse(frame.payload.toString()).signal);
          signals.emit('SIGINT');
        }
      },
      { ...base(), signals, onStarted: () => signals.emit('SIGTERM') },
    );
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(seen).toEqual(['TERM', 'INT', 'INT']);
    expect(signals.eventNames()).toEqual([]);
  });

  it('can be interrupted before the guest answers', async () => {
    const signals = new EventEmitter();
    const script: Script = async (g) => {
      signals.emit('SIGINT');
      await g.next();
    };
    await expect(run(script, { ...base(), signals })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

async function yes(g: Parameters<Script>[0]): Promise<boolean> {
  await g.data(1, 'y\n'.repeat(1000));
  await new Promise((resolve) => setImmediate(resolve));
  return true;
}
