import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplay } from './replay.ts';

interface Look {
  screen: string[];
  history: string[];
  cursor: [number, number];
  type: string;
  modes: object;
}

const make = (rows: number, cols: number): Terminal =>
  new Terminal({ rows, cols, scrollback: 1000, allowProposedApi: true });

const write = (terminal: Terminal, bytes: string | Buffer): Promise<void> =>
  new Promise((resolve) => terminal.write(bytes, resolve));

function look(terminal: Terminal): Look {
  const { active, normal } = terminal.buffer;
  const line = (i: number, buffer = active): string => buffer.getLine(i)?.translateToString(true) ?? '';
  return {
    screen: Array.from({ length: terminal.rows }, (_, i) => line(active.baseY + i)),
    history: Array.from({ length: normal.baseY }, (_, i) => line(i, normal)),
    cursor: [active.cursorY, active.cursorX],
    type: active.type,
    modes: { ...terminal.modes },
  };
}

/** What a local terminal shows that had `before` on it and got the restoration of `recorded`. */
async function restore(
  recorded: readonly (string | Buffer)[],
  before = '',
  rows = 10,
  cols = 40,
): Promise<Terminal> {
  const replay = await createReplay(rows, cols);
  for (const part of recorded) await replay.write(Buffer.from(part as string));
  const local = make(rows, cols);
  await write(local, before);
  await write(local, await replay.finish(rows, cols));
  return local;
}

async function direct(recorded: readonly (string | Buffer)[], rows = 10, cols = 40): Promise<Terminal> {
  const terminal = make(rows, cols);
  for (const part of recorded) await write(terminal, Buffer.from(part as string));
  return terminal;
}

const lines = (n: number): string => Array.from({ length: n }, (_, i) => `line ${i}\r\n`).join('');
const vi =
  '$ vi f\r\n\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[?2004h\x1b[1;10r\x1b[?12h\x1b[?25h\x1b[27m\x1b[m\x1b[H\x1b[2J\x1b[?25l' +
  '\x1b[10;1H"f" 3L\x1b[1;1Hfirst\r\n\x1b[33msecond\x1b[m\r\nthird\r\n\x1b[94m~\x1b[K\x1b[5;1H~\x1b[m\x1b[2;4H\x1b[?25h';

describe('createReplay', () => {
  it('is empty where nothing was recorded', async () => {
    const replay = await createReplay(10, 40);
    expect(await replay.finish(10, 40)).toHaveLength(0);
  });

  it.each<[string, string[]]>([
    ['a shell prompt', ['\x1b[32m$\x1b[m ls\r\na  b\r\n$ ']],
    ['a shell prompt with scrollback', [lines(50), '$ ech']],
    ['vi', [lines(30), vi]],
    ['a screen with margins', ['\x1b[3;7r\x1b[3;1Hmid', '\x1b[2;9H']],
    ['origin mode', ['\x1b[3;7r\x1b[?6h\x1b[2;5Hx']],
    ['wide characters and wrapping', ['你好'.repeat(30), 'x'.repeat(85)]],
    ['coloured line ends', ['\x1b[44mblue\x1b[K\r\n\x1b[mplain\x1b[41m']],
    ['alternate screen begun in colour', ['\x1b[1;31mred\x1b[?1049h\x1b[H\x1b[mplain']],
    ['mouse and focus modes', ['\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?7l\x1b[4h']],
  ])('restores %s', async (_, recorded) => {
    const wanted = look(await direct(recorded));
    const got = look(await restore(recorded, 'earlier\r\n$ mvmctl console\r\n'));
    expect({ ...got, history: [] }).toEqual({ ...wanted, history: [] });
    expect(got.history.slice(-wanted.history.length || got.history.length)).toEqual(
      expect.arrayContaining(wanted.history),
    );
  });

  it("keeps the local terminal's earlier lines above, and the recorded scrollback in order", async () => {
    const got = look(await restore([lines(50), '$ '], 'mine\r\n'));
    expect(got.history[0]).toBe('mine');
    const recorded = got.history.filter((line) => line.startsWith('line'));
    expect(recorded).toEqual(Array.from({ length: 41 }, (_, i) => `line ${i}`));
    expect(got.screen.slice(0, 10)).toEqual([...Array.from({ length: 9 }, (_, i) => `line ${i + 41}`), '$ ']);
  });

  it('returns to the shell when vi ends after the restoration', async () => {
    const recorded = [lines(30), vi];
    const end = '\x1b[?1l\x1b>\x1b[?2004l\x1b[10;1H\x1b[K\x1b[?1049l$ ';
    const local = await restore(recorded);
    await write(local, end);
    const wanted = await direct([...recorded, end]);
    expect(look(local).screen).toEqual(look(wanted).screen);
    expect(look(local).cursor).toEqual(look(wanted).cursor);
  });

  it('restores colours of the screen and of what is written next', async () => {
    const recorded = ['\x1b[1;31mred \x1b[0;7minverse\x1b[m \x1b[38;5;99mmore'];
    const addon = (terminal: Terminal): string => {
      const serializer = new SerializeAddon();
      terminal.loadAddon(serializer as never);
      return serializer.serialize({ scrollback: 0 });
    };
    expect(addon(await restore(recorded))).toBe(addon(await direct(recorded)));
  });

  it('plays at the recorded sizes and fits the result to the current one', async () => {
    const replay = await createReplay(10, 40);
    await replay.resize(5, 20);
    await replay.write(Buffer.from(`${'x'.repeat(25)}yyy\r\n`));
    await replay.resize(10, 40);
    await replay.write(Buffer.from('$ '));
    const local = make(10, 30);
    await write(local, await replay.finish(10, 30));
    expect(look(local).screen[0]).toBe(`${'x'.repeat(25)}yyy`);
  });

  it('goes on where the recording broke off: inside a sequence, inside a character', async () => {
    for (const text of ['ab\x1b[31mcd', 'ab\x1b]2;tit\x07cd', 'ab€cd😀e']) {
      const bytes = Buffer.from(text);
      for (let cut = 1; cut < bytes.length; cut++) {
        const local = await restore([bytes.subarray(0, cut)]);
        await write(local, bytes.subarray(cut));
        expect(look(local).screen).toEqual(look(await direct([bytes])).screen);
      }
    }
  });

  it('hides the cursor, names the window and keeps the cursor shape, as recorded', async () => {
    const replay = await createReplay(10, 40);
    await replay.write(Buffer.from('\x1b]0;vim: f\x07\x1b[?25l\x1b[6 q\x1b[?1006h\x1b[>1u'));
    const text = (await replay.finish(10, 40)).toString();
    for (const wanted of ['\x1b]2;vim: f\x07', '\x1b[?25l', '\x1b[6 q', '\x1b[?1006h', '\x1b[>1u'])
      expect(text).toContain(wanted);
  });

  it('restores tab stops', async () => {
    const recorded = ['\x1b[3g\x1b[5G\x1bH\x1b[1G\ta\r\n'];
    const local = await restore(recorded);
    await write(local, '\tb');
    expect(look(local).screen.slice(0, 2)).toEqual(['    a', '    b']);
  });

  it('contains no query that the local terminal would answer', async () => {
    const local = make(10, 40);
    const answers: string[] = [];
    local.onData((text) => answers.push(text));
    const replay = await createReplay(10, 40);
    await replay.write(Buffer.from('\x1b[c\x1b[6n\x1b[>c\x1b[5n\x1b[?6n\x1bP$q"p\x1b\\\x1b]11;?\x07$ '));
    await write(local, await replay.finish(10, 40));
    expect(answers).toEqual([]);
  });

  it('survives a terminal of 65535 by 65535 and random bytes', async () => {
    const replay = await createReplay(1, 1);
    await replay.resize(65_535, 65_535);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), (bytes) => replay.write(Buffer.from(bytes))),
    );
    expect((await replay.finish(24, 80)).length).toBeGreaterThan(0);
  });
});
