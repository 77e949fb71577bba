import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStanza, parseStanzas, words } from './deb822.ts';

test('fields, continuation lines, comments and stanzas', () => {
  const text = 'Package: a\nDescription: short\n long\n .\n more\n# comment\nTag: x\n\n\nPackage: b\n';
  const [first, second, none] = parseStanzas(text);
  expect(Object.fromEntries(first ?? [])).toEqual({
    package: 'a',
    description: 'short\nlong\n.\nmore',
    tag: 'x',
  });
  expect(second?.get('package')).toBe('b');
  expect(none).toBeUndefined();
  expect(words('a  b\n c')).toEqual(['a', 'b', 'c']);
});

test('what was written is read', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (fields) => {
      const stanza = parseStanza(fields.map(([key, text]) => `${key}: ${text}`).join('\n'));
      const expected = new Map(fields.map(([key, text]) => [key.toLowerCase(), text]));
      expect(stanza).toEqual(expected);
    }),
  );
});

test('any text is read without an error, and no name or value has a line that is not of the text', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z:#. \t\n\r\0]{0,200}$/), (text) => {
      for (const stanza of parseStanzas(text)) {
        for (const [name, value] of stanza) {
          expect(name).not.toMatch(/[\n:]/);
          for (const line of value.split('\n')) expect(text).toContain(line);
        }
      }
    }),
  );
});
