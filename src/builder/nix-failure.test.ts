import { describe, expect, it } from 'vitest';
import { nixFailure, recordNix } from './nix-failure.ts';

/** A record of these log entries, as Nix 2.26 writes them. */
function recorded(...items: (object | string)[]) {
  const record = recordNix();
  for (const item of items) record.take(typeof item === 'string' ? item : `@nix ${JSON.stringify(item)}`);
  return record;
}

const store = '/nix/store/fifydrwr813qv6vrsczg5xpfb8i3i0q0-source';
const drv = '/nix/store/190dcwls8d1n1anspzqi3hrl025y56cn-bad.drv';
const red = '\u001b[31;1merror:\u001b[0m';

describe('what Nix said becomes one error', () => {
  it('a syntax error: file and line as the user knows them', () => {
    const error = nixFailure(
      recorded({
        action: 'msg',
        level: 0,
        msg: `${red} syntax error, unexpected ';'\n       at ${store}/flake.nix:1:57:\n            1| { a = ; }`,
        raw_msg: "syntax error, unexpected ';'",
      }),
      'packages.x86_64-linux.dev',
      1,
    );
    expect(error).toMatchObject({
      code: 'EVAL_FAILED',
      message: "packages.x86_64-linux.dev: syntax error, unexpected ';'",
      details: ['at flake.nix:1:57:', '     1| { a = ; }'],
    });
  });

  it('a failed build: the derivation and the end of its log', () => {
    const error = nixFailure(
      recorded(
        { action: 'start', id: 7, type: 105, level: 3, fields: [drv, '', 1, 1], text: '' },
        ...Array.from({ length: 30 }, (_, i) => ({
          action: 'result',
          id: 7,
          type: 101,
          fields: [`line ${i}`],
        })),
        { action: 'result', id: 8, type: 101, fields: ['of another'] },
        {
          action: 'msg',
          level: 0,
          msg: 'x',
          raw_msg: `builder for '\u001b[35;1m${drv}\u001b[0m' failed with exit code 3`,
        },
      ),
      'packages.x86_64-linux.dev',
      1,
    );
    expect(error.code).toBe('BUILD_FAILED');
    expect(error.message).toContain(`builder for '${drv}' failed with exit code 3`);
    expect(error.details).toHaveLength(20);
    expect(error.details.at(-1)).toBe('line 29');
  });

  it('a download without a network: the way without one', () => {
    const text = "unable to download 'http://cache.test/x': Could not resolve hostname";
    const error = nixFailure(recorded({ action: 'msg', level: 0, msg: text, raw_msg: text }), 'x', 1);
    expect(error).toMatchObject({ code: 'EVAL_FAILED', hint: expect.stringContaining('--nixpkgs debian') });
  });

  it('a full disk, wherever it shows', () => {
    const text = 'error: writing to file: No space left on device';
    expect(nixFailure(recorded({ action: 'msg', level: 0, msg: text }), 'x', 1)).toMatchObject({
      code: 'BUILDER_FAILED',
      hint: expect.stringContaining('builder reset'),
    });
  });

  it('warnings are no errors, and silence is told as such', () => {
    const record = recorded({ action: 'msg', level: 1, msg: 'warning: x' }, { action: 'stop', id: 1 });
    expect(nixFailure(record, 'x', 137)).toMatchObject({
      code: 'BUILDER_FAILED',
      message: 'Nix ended with status 137 and said nothing, for x.',
    });
  });

  it.each([
    '@nix {',
    '@nix null',
    'nix: error while loading shared libraries',
  ])('%s is passed on as it is', (line) =>
    expect(nixFailure(recorded(line), 'x', 1).message).toContain(line));
});
