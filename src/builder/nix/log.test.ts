import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNixLine, plain } from './log.ts';

const dir = join(import.meta.dirname, 'fixtures');
const logs = readdirSync(dir);

test('logs of Nix 2.26 are understood: each line an event, but for kinds that say nothing of use', () => {
  expect(logs.length).toBeGreaterThan(15);
  for (const name of logs) {
    const lines = readFileSync(join(dir, name), 'utf8').trimEnd().split('\n');
    const unknown = lines.filter((line) => parseNixLine(line) === undefined);
    expect(unknown).toEqual([]);
  }
});

test.each([
  [
    '{"action":"start","fields":["/nix/store/x.drv","",1,1],"id":7,"level":3,"parent":0,"text":"building","type":105}',
    { kind: 'start', id: 7, activity: 'build', text: 'building', fields: ['/nix/store/x.drv', '', 1, 1] },
  ],
  ['{"action":"stop","id":7}', { kind: 'stop', id: 7 }],
  [
    '{"action":"result","fields":[1,4,2,0],"id":7,"type":105}',
    { kind: 'progress', id: 7, done: 1, expected: 4, running: 2, failed: 0 },
  ],
  [
    '{"action":"result","fields":[101,700],"id":7,"type":106}',
    { kind: 'expected', id: 7, activity: 'download', expected: 700 },
  ],
  ['{"action":"result","fields":["\\u001b[31mred"],"id":7,"type":101}', { kind: 'log', id: 7, line: 'red' }],
  [
    '{"action":"result","fields":["buildPhase"],"id":7,"type":104}',
    { kind: 'phase', id: 7, phase: 'buildPhase' },
  ],
  [
    '{"action":"msg","column":4,"file":"/s/flake.nix:3:4","level":0,"line":3,"msg":"error: no\\n at","raw_msg":"no"}',
    { kind: 'message', level: 0, text: 'error: no\n at', core: 'no', file: '/s/flake.nix', line: 3 },
  ],
])('%s', (json, event) => {
  expect(parseNixLine(`@nix ${json}`)).toEqual(event);
});

test('what is no entry is a message; what is none of ours is nothing', () => {
  expect(parseNixLine('sh: nix: not found')).toMatchObject({
    kind: 'message',
    level: 0,
    core: 'sh: nix: not found',
  });
  for (const line of ['', '   ', '@nix ', '@nix {"action":"start"', '@nix 7', '@nix {"action":"x","id":1}']) {
    expect(parseNixLine(line)).toBeUndefined();
  }
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what it is about.
const control = /[\x00-\x08\x0b-\x1f]/;

test.each([{ toString: 1 }, 'toString', [[]]])('an activity that is no number, %j, is some other', (type) => {
  const line = `@nix ${JSON.stringify({ action: 'start', id: 1, type })}`;
  expect(parseNixLine(line)).toMatchObject({ kind: 'start', activity: 'other' });
});

test('no line makes it throw, or lets a control sequence through', () => {
  const entry = fc.record(
    {
      action: fc.oneof(fc.constantFrom('start', 'stop', 'result', 'msg'), fc.anything()),
      id: fc.oneof(fc.integer(), fc.anything()),
      type: fc.oneof(fc.integer({ min: 99, max: 113 }), fc.anything()),
      fields: fc.oneof(
        fc.array(fc.oneof(fc.integer(), fc.string({ unit: 'binary' }), fc.anything())),
        fc.anything(),
      ),
      text: fc.anything(),
      msg: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
      raw_msg: fc.anything(),
      level: fc.anything(),
      file: fc.anything(),
      line: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const encoded = entry.map((value) => {
    try {
      return `@nix ${JSON.stringify(value)}`;
    } catch {
      return '@nix {"action":"start"}';
    }
  });
  const line = fc.oneof(
    encoded,
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((text) => `@nix ${text}`),
  );
  fc.assert(
    fc.property(line, (text) => {
      const event = parseNixLine(text);
      if (event === undefined) return;
      for (const value of Object.values(event)) {
        if (typeof value === 'string') expect(value).not.toMatch(control);
      }
    }),
    { numRuns: 2000 },
  );
});

test('colours, titles and other sequences go; the text stays', () => {
  expect(plain('\x1b[31;1merror:\x1b[0m \x1b]0;title\x07a\tb\r\n\x1b(Bc\x9b')).toBe('error: a\tb\n(Bc');
});
