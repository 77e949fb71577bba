import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEscapeScanner } from './escape.ts';
import { createModes, type Modes } from './modes.ts';
import { endOfText } from './utf8-end.ts';

function fed(...parts: (string | Buffer)[]): Modes {
  const modes = createModes();
  for (const part of parts) modes.feed(Buffer.from(part as string));
  return modes;
}

describe('createEscapeScanner', () => {
  const output =
    'text\x1b[1;31mred\x1b[?1049h\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1bP1;2q[x\x1b\\\x1b(0\x1b7é\x1b[>4;2m\x1b';

  function sequences(pieces: readonly Buffer[]): string[] {
    const all: string[] = [];
    const scanner = createEscapeScanner((kind, text) => all.push(`${kind} ${text}`));
    for (const piece of pieces) scanner.feed(piece);
    return [...all, `pending ${scanner.pending.toString('latin1')}`];
  }

  it('finds the sequences, and the one that is unfinished', () => {
    expect(sequences([Buffer.from(output)])).toEqual([
      'csi 1;31m',
      'csi ?1049h',
      'osc 0;title',
      'osc 8;;http://x',
      'esc (0',
      'esc 7',
      'csi >4;2m',
      'pending \x1b',
    ]);
  });

  it('finds the same in whatever pieces the output comes', () => {
    const bytes = Buffer.from(output);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(sequences(pieces)).toEqual(sequences([bytes]));
      }),
    );
  });

  it('survives random bytes without keeping more than 4 KiB', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), (chunks) => {
        const scanner = createEscapeScanner(() => {});
        for (const chunk of chunks) scanner.feed(Buffer.concat([Buffer.from('\x1b]'), Buffer.from(chunk)]));
        expect(scanner.pending.length).toBeLessThanOrEqual(4096);
      }),
    );
  });
});

describe('createModes', () => {
  it('undoes nothing after output that turned nothing on', () => {
    expect(
      fed('hello\r\n\x1b[31mred\x1b[0m\x1b[2J\x1b[H\x1b[?25l\x1b[?25h\x1b[?2004h\x1b[?2004l').undo(),
    ).toBe('');
  });

  it('undoes what a full-screen program turned on, in an order that works', () => {
    const undo = fed('\x1b[?1049h\x1b[?1h\x1b=\x1b[?1002;1006h\x1b[?2004h\x1b[?1004h\x1b[?25l\x1b[1m').undo();
    for (const wanted of ['?1l', '?1002l', '?1006l', '?2004l', '?1004l', '?25h'])
      expect(undo).toContain(`\x1b[${wanted}`);
    expect(undo).toContain('\x1b>');
    // The cursor that the alternate screen saved is the one to end with.
    expect(undo.endsWith('\x1b[?1049l\x1b[m')).toBe(true);
  });

  it('pops keyboard modes of the alternate screen before it leaves that', () => {
    expect(fed('\x1b[>1u\x1b[?1049h\x1b[>5u\x1b[>7u').undo()).toBe('\x1b[<2u\x1b[?1049l\x1b[<1u');
    expect(fed('\x1b[>1u\x1b[<u').undo()).toBe('');
  });

  it('undoes margins, cursor style, charset, links, colours and modifyOtherKeys', () => {
    expect(fed('\x1b[2;10r').undo()).toBe('\x1b7\x1b[r\x1b8');
    expect(fed('\x1b[2;10r\x1b[r').undo()).toBe('');
    expect(fed('\x1b[5 q').undo()).toBe('\x1b[0 q');
    expect(fed('\x1b(0').undo()).toBe('\x1b(B');
    expect(fed('\x1b]8;;http://x\x07').undo()).toBe('\x1b]8;;\x1b\\');
    expect(fed('\x1b]8;;http://x\x07y\x1b]8;;\x07').undo()).toBe('');
    expect(fed('\x1b]11;#000\x07').undo()).toBe('\x1b]111\x1b\\');
    expect(fed('\x1b[>4;2m').undo()).toBe('\x1b[>4m');
  });

  it('ends a sequence that the guest broke off', () => {
    expect(fed('\x1b]0;half a tit').undo()).toBe('\x18');
  });

  it('forgets everything at a full reset', () => {
    expect(fed('\x1b[?1049h\x1b[?25l\x1b[1m\x1bc').undo()).toBe('');
  });

  it('redoes modes in the order in which they were set last', () => {
    expect(fed('\x1b[?1006h\x1b[?1002h\x1b[?25l\x1b[4h\x1b[?6h').redo()).toBe(
      '\x1b[4h\x1b[?1006h\x1b[?1002h\x1b[?25l',
    );
    expect(fed(fed('\x1b[?2004h\x1b=\x1b[>1u').redo()).undo()).toBe('\x1b>\x1b[?2004l\x1b[<1u');
  });
});

describe('endOfText', () => {
  it('gives the begun character', () => {
    expect(endOfText(Buffer.from('abc'))).toEqual(Buffer.alloc(0));
    expect(endOfText(Buffer.from('aé'))).toEqual(Buffer.alloc(0));
    expect(endOfText(Buffer.from('a€').subarray(0, 3))).toEqual(Buffer.from([0xe2, 0x82]));
    expect(endOfText(Buffer.from('😀').subarray(0, 3))).toEqual(Buffer.from('😀').subarray(0, 3));
    expect(endOfText(readFileSync(import.meta.filename).subarray(0, 10)).length).toBe(0);
  });
});
