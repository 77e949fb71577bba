import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { createModes } from './modes.ts';
import { createRemarks } from './remarks.ts';
import type { TerminalOutput } from './terminal.ts';

/** A terminal of five rows, and what the guest writes on it. */
function screen() {
  const terminal = new xterm.Terminal({ rows: 5, cols: 30, allowProposedApi: true });
  const stdout: TerminalOutput = Object.assign(new PassThrough(), { rows: 5, columns: 30 });
  stdout.on('data', (bytes: Buffer) => terminal.write(bytes));
  const modes = createModes();
  const remarks = createRemarks(stdout, () => modes.isDrawing);
  const flushed = () => new Promise<void>((resolve) => terminal.write('', resolve));
  const lines = async () => {
    await flushed();
    const { active } = terminal.buffer;
    return Array.from({ length: 5 }, (_, i) =>
      active
        .getLine(active.baseY + i)
        ?.translateToString(true)
        .trimEnd(),
    );
  };
  return {
    remarks,
    lines,
    write(text: string) {
      modes.feed(Buffer.from(text));
      remarks.written();
      stdout.write(text);
    },
    async cursor() {
      await flushed();
      return [terminal.buffer.active.cursorY, terminal.buffer.active.cursorX];
    },
  };
}

test('a remark stands above the line that the guest writes on, whose cursor stays', async () => {
  const { write, remarks, lines, cursor } = screen();
  write('one\r\ntwo\r\n$ l');
  remarks.say('a remark');
  await expect.poll(lines).toEqual(['two', 'a remark', '$ l', '', '']);
  expect(await cursor()).toEqual([2, 3]);
  write('s\r\n3\r\n4\r\n$ ');
  await expect.poll(lines).toEqual(['a remark', '$ ls', '3', '4', '$']);
  remarks.say('another, which is too long for the line that it has');
  await expect.poll(lines).toEqual(['$ ls', '3', '4', 'another, which is too long f…', '$']);
  expect(await cursor()).toEqual([4, 2]);
});

test('a remark waits for a program that draws on the whole screen, and for a sequence that is not finished', async () => {
  const { write, remarks, lines } = screen();
  write('one\r\n$ vi\r\n\x1b[?1049hTEXT');
  remarks.say('a remark');
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect((await lines()).join()).not.toContain('a remark');
  write('\x1b[?1049l$ \x1b[3');
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect((await lines()).join()).not.toContain('a remark');
  write('1m');
  await expect.poll(async () => (await lines()).join()).toContain('a remark');
});

test('nothing is shown after the end', async () => {
  const { write, remarks, lines } = screen();
  write('$ ');
  remarks.say('a remark');
  remarks.end();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await expect.poll(lines).toEqual(['$', '', '', '', '']);
});
