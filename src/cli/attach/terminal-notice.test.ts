import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { noticeOnTerminal, type TerminalNotice } from './terminal-notice.ts';

let stdout: NodeJS.WriteStream;
let notice: TerminalNotice;
beforeEach(() => {
  stdout = Object.assign(new PassThrough(), { rows: 24, columns: 80 }) as unknown as NodeJS.WriteStream;
  notice = noticeOnTerminal(stdout, 'keys');
});

const written = (): string => String(stdout.read() ?? '');
const warn = () => notice.emit({ type: 'note', level: 'warn', text: 'silent' });
const erased = (row: number) => `\x1b7\x1b[${row};1H\x1b[2K\x1b8`;

describe('noticeOnTerminal', () => {
  it('shows its words on what is the last line after a change of size', () => {
    warn();
    expect(written()).toContain('\x1b[24;1H');
    stdout.rows = 10;
    stdout.emit('resize');
    expect(written()).toMatch(/\[10;1H.*mvm: silent {2}keys/);
  });

  it('leaves no notice behind, and shows none after its end', () => {
    warn();
    written();
    notice.end();
    expect(written()).toBe(erased(24));
    warn();
    stdout.emit('resize');
    expect(written()).toBe('');
    expect(stdout.listenerCount('resize')).toBe(0);
  });

  it('writes nothing where all is well', () => {
    stdout.emit('resize');
    notice.end();
    expect(written()).toBe('');
  });
});
