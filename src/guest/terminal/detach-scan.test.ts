import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultDetachKeys, describeDetachKeys, parseDetachKeys } from './detach-keys.ts';
import { createDetachScanner } from './detach-scan.ts';

const twice = parseDetachKeys(defaultDetachKeys);

function feed(keys: readonly number[], ...chunks: (string | Buffer)[]): { pass: string; detached: boolean } {
  const scanner = createDetachScanner(keys);
  let pass = '';
  for (const chunk of chunks) {
    const result = scanner.feed(Buffer.from(chunk as string));
    pass += result.pass.toString('latin1');
    if (result.detached) return { pass, detached: true };
  }
  return { pass: pass + scanner.flush().toString('latin1'), detached: false };
}

describe('parseDetachKeys', () => {
  it('reads lists of keys and names them', () => {
    expect(parseDetachKeys('ctrl-p,ctrl-q')).toEqual([0x10, 0x11]);
    expect(parseDetachKeys('Ctrl-A,d')).toEqual([1, 0x64]);
    expect(parseDetachKeys('ctrl-\\')).toEqual([0x1c]);
    expect(describeDetachKeys(twice)).toBe('Ctrl-] twice');
    expect(describeDetachKeys([1, 0x64])).toBe('Ctrl-A d');
  });

  it.each([
    '',
    'd',
    'ctrl-',
    'ctrl-[',
    'ctrl-1',
    'ctrl-a,',
    'ctrl-a,b,c,d,e',
    'alt-x',
  ])('refuses "%s"', (text) => {
    expect(() => parseDetachKeys(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('createDetachScanner', () => {
  it('detaches when the keys are pressed, together or one by one, and drops what follows', () => {
    expect(feed(twice, 'ab\x1d\x1dcd')).toEqual({ pass: 'ab', detached: true });
    expect(feed(twice, 'ab', '\x1d', '\x1d')).toEqual({ pass: 'ab', detached: true });
    expect(feed([0x1d], 'ab\x1d')).toEqual({ pass: 'ab', detached: true });
    expect(feed([1, 0x64], '\x01d')).toEqual({ pass: '', detached: true });
  });

  it('passes a first key on when another follows, or none in time', () => {
    expect(feed(twice, '\x1d', 'x')).toEqual({ pass: '\x1dx', detached: false });
    expect(feed(twice, 'x\x1d')).toEqual({ pass: 'x\x1d', detached: false });
    expect(feed(twice, '\x1dx\x1d\x1b[A')).toEqual({ pass: '\x1dx\x1d\x1b[A', detached: false });
  });

  it('holds nothing back but the first key', () => {
    const scanner = createDetachScanner(twice);
    for (const key of ['a', '\x1b', '\x1b[', '200', '\x03']) {
      expect(scanner.feed(Buffer.from(key)).pass.toString()).toBe(key);
      expect(scanner.holding).toBe(false);
    }
    expect(scanner.feed(Buffer.from('\x1d')).pass.length).toBe(0);
    expect(scanner.holding).toBe(true);
  });

  it('sees the keys as the kitty protocol and modifyOtherKeys send them', () => {
    expect(feed(twice, 'a\x1b[93;5u', '\x1b[93;5u')).toEqual({ pass: 'a', detached: true });
    expect(feed(twice, '\x1b[93;5:1u\x1b[93;5:3u\x1b[93;133:1u').detached).toBe(true);
    expect(feed(twice, '\x1b[27;5;93~\x1b[27;5;93~').detached).toBe(true);
    expect(feed(twice, '\x1b[93;6u\x1b[93;6u')).toEqual({ pass: '\x1b[93;6u\x1b[93;6u', detached: false });
  });

  it('takes nothing out of a bracketed paste, in whatever pieces it comes', () => {
    const content = fc.string({
      unit: fc.constantFrom('\x1d', 'a', '\x1b', '[', '2', '\x1d\x1d'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(content, fc.array(fc.nat(90), { maxLength: 6 }), (text, cuts) => {
        fc.pre(!text.includes('\x1b[201~'));
        const paste = `\x1b[200~${text}\x1b[201~`;
        const at = [0, ...cuts.map((c) => c % paste.length).sort((a, b) => a - b), paste.length];
        const chunks = at.slice(1).map((end, i) => paste.slice(at[i], end));
        expect(feed(twice, ...chunks)).toEqual({ pass: paste, detached: false });
        expect(feed(twice, ...chunks, '\x1d\x1d')).toEqual({ pass: paste, detached: true });
      }),
    );
  });

  it('takes nothing out of a chunk too long to be typed, and sees keys at its end', () => {
    const paste = 'x'.repeat(40) + '\x1d\x1d'.repeat(20) + 'y'.repeat(40);
    expect(feed(twice, paste, paste)).toEqual({ pass: paste + paste, detached: false });
    expect(feed(twice, `${paste}\x1d\x1d`)).toEqual({ pass: paste, detached: true });
  });

  it('passes any other input on unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (chunks) => {
        const bytes = chunks.map((c) => Buffer.from(c).map((b) => (b === 0x1d ? 0x1c : b)));
        const text = Buffer.concat(bytes).toString('latin1');
        fc.pre(!text.includes('u') && !text.includes('~'));
        expect(feed(twice, ...bytes.map((b) => Buffer.from(b)))).toEqual({ pass: text, detached: false });
      }),
    );
  });
});
