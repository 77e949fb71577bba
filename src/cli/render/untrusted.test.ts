import { expect, test } from 'vitest';
import { escaped, harmless, logLine, oneLine } from './untrusted.ts';

test('text of a guest can’t drive the terminal', () => {
  expect(harmless('a\u001b[2Jb\u0007c\u001b]0;title\u0007')).toBe('ab·c·]0;title·');
  expect(harmless('one\ntwo\tthree\r\n')).toBe('one\ntwo\tthree\n');
});

test('a name makes no line of its own, and does not turn the text around', () => {
  expect(oneLine('app\nerror: all is lost')).toBe('app·error: all is lost');
  expect(oneLine('app\u2028x\u202egnp.exe\u0085y')).toBe('app·x·gnp.exe·y');
});

test('a line of a log keeps its colours where they are wanted, and no further', () => {
  const line = '\u001b[31mred\u001b[2J\u001b[1;5Hmoved\u0007';
  expect(logLine(line, true)).toBe('\u001b[31mredmoved·\u001b[0m');
  expect(logLine(line, false)).toBe('redmoved·');
  expect(logLine('plain', true)).toBe('plain');
});

test('a path keeps what it was, in one line', () => {
  expect(escaped('/a\u001b[31m b\nc\t\u202ed\u009b/é')).toBe('/a\\x1b[31m b\\nc\\t\\u202ed\\x9b/é');
});
