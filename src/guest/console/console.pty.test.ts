import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type FakeGuest,
  fakeGuest,
  type GuestEnd,
  type Hello,
  type Script,
} from '../../../test/fakes/guest.ts';
import { type LocalTerminalFake, localTerminal } from '../../../test/fakes/local-terminal.ts';
import { type Frame, frameTypes } from '../../protocol/frame.ts';

let guest: FakeGuest;
let terminal: LocalTerminalFake;
afterEach(async () => {
  terminal?.kill('SIGKILL');
  await guest?.close();
});

const main = new URL('../../../test/fakes/attach-main.ts', import.meta.url).pathname;
const detach = '\x1d\x1d';
/** What the terminal is like once mvmctl is gone: `icanon echo` where it was restored. */
const after = 'echo "STTY $(stty -a | grep -o -w -e -icanon -e icanon -e -echo -e echo | tr "\\n" " ")"';

async function attach(script: Script, mode = '', hello?: Hello): Promise<void> {
  guest = await fakeGuest(script, hello);
  terminal = localTerminal(['sh', '-c', `"${process.execPath}" "${main}" "${guest.path}" ${mode}; ${after}`]);
}

const session = { session: 3, created: true, attached: 1 };

async function begin(g: GuestEnd, replay?: (g: GuestEnd) => Promise<void>): Promise<void> {
  await g.welcome();
  await g.started({ ...session, created: replay === undefined });
  await replay?.(g);
  await g.live();
}

const isRestored = async (result: string): Promise<void> => {
  await terminal.shows('STTY icanon echo');
  expect(terminal.lines().join('\n')).toContain(`RESULT ${result}`);
  // Node makes the terminal normal at its exit whatever we do; a command may go on after an attachment.
  expect(terminal.lines().join('\n')).not.toContain('STILL RAW');
  const { modes, buffer } = terminal.screen;
  expect(buffer.active.type).toBe('normal');
  expect(modes).toMatchObject({
    bracketedPasteMode: false,
    mouseTrackingMode: 'none',
    applicationCursorKeysMode: false,
    sendFocusMode: false,
  });
};

const fullScreen = '\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?1003h\x1b[?1004h\x1b[2J\x1b[HFULL SCREEN';

describe('attachConsole in a terminal', () => {
  it('names the size at once and at every change, sends keys raw, and ends with the status', async () => {
    let open: unknown;
    const keys: Buffer[] = [];
    const sizes: number[][] = [];
    await attach(async (g) => {
      open = g.open;
      await begin(g);
      await g.credit(1000);
      await g.data(1, '$ ');
      for (;;) {
        const frame = (await g.next()) as Frame;
        if (frame.type === frameTypes.resize) {
          sizes.push([frame.payload.readUInt16BE(0), frame.payload.readUInt16BE(2)]);
          await g.data(1, 'resized\r\n');
        } else if (frame.type === frameTypes.data) keys.push(frame.payload);
        if (Buffer.concat(keys).includes('q')) break;
      }
      await g.exit(5);
    });
    await terminal.shows('$ ');
    terminal.resize(30, 100);
    await terminal.shows('resized');
    terminal.type('\x03\x1a\x1cé\r\tq');
    await isRestored('exited 5');
    expect(open).toMatchObject({ op: 'console', rows: 24, cols: 80, env: { TERM: 'xterm-256color' } });
    expect(sizes).toEqual([[30, 100]]);
    expect(Buffer.concat(keys).toString()).toBe('\x03\x1a\x1cé\r\tq');
  });

  it('detaches from a full-screen program and puts the terminal back', async () => {
    const seen: number[] = [];
    await attach(async (g) => {
      await begin(g);
      await g.data(1, fullScreen);
      for (let frame = await g.next(); frame !== undefined; frame = await g.next()) seen.push(frame.type);
    });
    await terminal.shows('FULL SCREEN');
    terminal.type(detach);
    await isRestored('detached');
    await guest.done();
    expect(seen).toEqual([frameTypes.close]);
  });

  it('detaches from a guest that does not answer and reads nothing', async () => {
    await attach(async (g) => {
      await g.data(1, 'junk before any preamble');
      while ((await g.next()) !== undefined);
    }, 'announce');
    await terminal.shows('the terminal is raw');
    terminal.type(detach);
    await isRestored('detached');
  });

  it('draws the screen anew when it lagged behind, whatever was on', async () => {
    await attach(async (g) => {
      await begin(g);
      await g.data(1, `${fullScreen}\x1b]0;half`);
      await g.data(3, '\x18\x1b[?1049l\x1b[!p\x1b[H\x1b[2Jone\r\ntwo\r\n$ ');
      await g.live();
      await g.data(1, 'live');
      while ((await g.next()) !== undefined);
    });
    await terminal.shows('$ live');
    expect(terminal.lines().slice(0, 4)).toEqual(['one', 'two', '$ live', '']);
    expect(terminal.screen.modes).toMatchObject({ mouseTrackingMode: 'none', bracketedPasteMode: false });
    terminal.type(detach);
    await isRestored('detached');
  });

  it('works for an exec with a terminal too', async () => {
    const keys: Buffer[] = [];
    let open: unknown;
    await attach(async (g) => {
      open = g.open;
      await g.welcome();
      await g.started();
      await g.credit(100);
      await g.data(1, fullScreen);
      keys.push(...(await g.until(frameTypes.data)).map((frame) => frame.payload));
      await g.data(1, ' AND A KEY');
      await g.until(frameTypes.resize);
      await g.exit(3);
    }, 'exec');
    await terminal.shows('FULL SCREEN');
    terminal.type('\x03');
    await terminal.shows('AND A KEY');
    terminal.resize(20, 70);
    await isRestored('exited 3');
    expect(open).toMatchObject({ op: 'exec', tty: true, rows: 24, cols: 80 });
    expect(keys).toEqual([Buffer.from('\x03')]);
  });

  it('restores the screen of vi, and the shell under it', async () => {
    await attach(async (g) => {
      await begin(g, async () => {
        await g.resize(24, 80);
        await g.data(
          3,
          'one\r\ntwo\r\n$ vi f\r\n\x1b[?1049h\x1b[?2004h\x1b[H\x1b[2J"f" 3 lines\r\n~\r\n~\x1b[1;3H',
        );
      });
      await g.data(1, 'X');
      await g.consume(() => g.data(1, '\x1b[?2004l\x1b[?1049l$ back').catch(() => {}));
    });
    await terminal.shows('"fX 3 lines');
    expect(terminal.lines().slice(0, 3)).toEqual(['"fX 3 lines', '~', '~']);
    expect(terminal.screen.modes.bracketedPasteMode).toBe(true);
    expect(terminal.screen.buffer.active.type).toBe('alternate');
    terminal.type('q');
    await terminal.shows('$ back');
    expect(terminal.lines().slice(0, 4)).toEqual(['one', 'two', '$ vi f', '$ back']);
    terminal.type(detach);
    await isRestored('detached');
  });

  it('loses nothing of a 100 kB paste, whatever is in it', async () => {
    const inside = Buffer.concat([
      Buffer.from(randomBytes(75_000).toString('base64')),
      Buffer.from('\x1d\x1d'),
    ]);
    const paste = Buffer.concat([Buffer.from('\x1b[200~'), inside, Buffer.from('\x1b[201~')]);
    const got: Buffer[] = [];
    let length = 0;
    await attach(async (g) => {
      await begin(g);
      await g.data(1, '\x1b[?2004hready');
      await g.consume((bytes) => {
        got.push(bytes);
        length += bytes.length;
        if (length === paste.length) void g.exit(0);
      }, 3000);
    });
    await terminal.shows('ready');
    terminal.type(paste);
    await isRestored('exited 0');
    expect(Buffer.concat(got).equals(paste)).toBe(true);
  });

  it('restores the terminal when the guest is lost', async () => {
    await attach(async (g) => {
      await begin(g);
      await g.data(1, `${fullScreen}\x1b]0;half`);
      await g.next();
      g.destroy();
    });
    await terminal.shows('FULL SCREEN');
    terminal.resize(20, 70);
    await isRestored('GUEST_LOST');
  });

  it.each([
    'SIGTERM',
    'SIGHUP',
  ] as const)('restores the terminal and leaves the session alone at %s', async (name) => {
    const seen: number[] = [];
    await attach(async (g) => {
      await begin(g);
      await g.data(1, fullScreen);
      for (let frame = await g.next(); frame !== undefined; frame = await g.next()) seen.push(frame.type);
    });
    await terminal.shows('FULL SCREEN');
    process.kill(Number(readFileSync(`${guest.path}.pid`, 'utf8')), name);
    await isRestored(`detached (Stopped by ${name}.)`);
    expect(seen).toEqual([frameTypes.close]);
  });

  it('restores the terminal before it prints a crash', async () => {
    await attach(async (g) => {
      await begin(g);
      await g.data(1, fullScreen);
      await g.next();
    });
    await terminal.shows('FULL SCREEN');
    process.kill(Number(readFileSync(`${guest.path}.pid`, 'utf8')), 'SIGUSR2');
    await terminal.shows('STTY icanon echo');
    expect(terminal.lines().join('\n')).toContain('a bug in mvmctl');
    expect(terminal.screen.buffer.active.type).toBe('normal');
  });
});

describe('exec with a terminal', () => {
  const start = async (g: GuestEnd): Promise<void> => {
    await g.welcome();
    await g.started();
  };

  it("writes the guest's bytes as they are: one carriage return for each of the guest's", async () => {
    await attach(async (g) => {
      await start(g);
      await g.data(1, 'one\r\ntwo\nthree\r\n');
      await g.exit(0);
    }, 'exec');
    await isRestored('exited 0');
    expect(terminal.raw()).toContain('one\r\ntwo\nthree\r\n');
  });

  it('leaves the terminal to the foreground while it runs in the background, and takes it there', async () => {
    const typed: Buffer[] = [];
    guest = await fakeGuest(async (g) => {
      await start(g);
      await g.data(1, 'in the background\n');
      await g.credit(1000);
      for (let frame = await g.next(); frame !== undefined; frame = await g.next()) {
        if (frame.type === frameTypes.data) typed.push(frame.payload);
        if (typed.length === 1) break;
      }
      await g.exit(3);
    });
    const command = `"${process.execPath}" "${main}" "${guest.path}" exec`;
    terminal = localTerminal([
      'bash',
      '-c',
      `set -m; ${command} & read line; echo "GOT $line"; fg >/dev/null; ${after}`,
    ]);
    await terminal.shows('in the background');
    terminal.type('for the shell\r');
    await terminal.shows('GOT for the shell');
    expect(typed).toEqual([]);
    // In cooked mode a key alone would wait for the end of its line.
    terminal.type('x');
    await isRestored('exited 3');
    expect(Buffer.concat(typed).toString()).toBe('x');
  });

  it('can be left by its keys while the guest does not answer', async () => {
    await attach(
      async () => {},
      'exec',
      async () => {},
    );
    // Silent after three seconds; pressed before, the keys are the guest's.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    terminal.type('\x1d\x1d');
    await isRestored('INTERRUPTED');
  });
});
