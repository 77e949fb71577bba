import { describe, expect, it } from 'vitest';
import { nixFailure } from './failure.ts';
import { createNixProgress } from './progress.ts';

/** A run that wrote these log entries, as Nix 2.26 does. */
function failed(items: readonly (object | string)[], more: Partial<Parameters<typeof nixFailure>[1]> = {}) {
  const run = createNixProgress({ progress() {}, status() {} });
  for (const item of items) run.take(typeof item === 'string' ? item : `@nix ${JSON.stringify(item)}`);
  return nixFailure(run, { what: 'packages.x86_64-linux.dev', status: 1, ...more });
}

const store = '/nix/store/fifydrwr813qv6vrsczg5xpfb8i3i0q0-source';
const drv = '/nix/store/190dcwls8d1n1anspzqi3hrl025y56cn-bad.drv';
const red = '\u001b[31;1merror:\u001b[0m';
const message = (text: string, raw = text) => ({ action: 'msg', level: 0, msg: text, raw_msg: raw });

describe('what Nix said becomes one error', () => {
  it('a syntax error: file and line as the user knows them, and the log', () => {
    const text = `${red} syntax error, unexpected ';'\n       at ${store}/flake.nix:1:57:\n            1| { a = ; }`;
    expect(failed([message(text, "syntax error, unexpected ';'")], { log: '/x.log' })).toMatchObject({
      code: 'EVAL_FAILED',
      message: "flake.nix:1:57: syntax error, unexpected ';'",
      details: ['at flake.nix:1:57:', '     1| { a = ; }'],
      log: '/x.log',
    });
  });

  it('a long list of mistakes: all of it, behind its place', () => {
    const list = Array.from({ length: 30 }, (_, i) => `- mistake ${i}`);
    const core = ['mkGuest (a): 30 mistakes in its arguments:', ...list].join('\n');
    const trace = `       … while evaluating\n         at ${store}/flake.nix:7:3:\n            7| dev = mkGuest {`;
    const text = `${red}\n${trace}\n\n       ${red} ${core.replaceAll('\n', '\n       ')}`;
    expect(failed([message(text, core)])).toMatchObject({
      message: 'flake.nix:7:3: mkGuest (a): 30 mistakes in its arguments:',
      details: list,
    });
  });

  it('a failed build: the derivation and the end of its log', () => {
    const line = (id: number, text: string) => ({ action: 'result', id, type: 101, fields: [text] });
    const error = failed([
      { action: 'start', id: 7, type: 105, level: 3, fields: [drv, '', 1, 1], text: '' },
      ...Array.from({ length: 50 }, (_, i) => line(7, `line ${i}`)),
      line(8, 'of another'),
      message('x', `builder for '\u001b[35;1m${drv}\u001b[0m' failed with exit code 3`),
    ]);
    expect(error).toMatchObject({
      code: 'BUILD_FAILED',
      message: 'The build of bad failed with exit code 3.',
    });
    expect(error.details).toHaveLength(40);
    expect(error.details.at(-1)).toBe('line 49');
  });

  it('an output that is missing has a code of its own', () => {
    const text = `${red} flake 'path:/mvm/src' does not provide attribute 'packages.x86_64-linux.dex'`;
    expect(failed([message(text)]).code).toBe('OUTPUT_MISSING');
  });

  it('a name that Nix does not know may be the nearest of the package set', () => {
    const error = failed([message("undefined variable 'ripgerp'")], { names: ['git', 'ripgrep'] });
    expect(error.hint).toMatch(
      /^did you mean ripgrep\? Otherwise: apt-cache search ripgerp .*pkgs\.debian\.NAME/,
    );
  });

  it('a full disk: the builder’s is emptied, the host’s own is not ours to empty', () => {
    const items = [message('writing to file: No space left on device')];
    expect(failed(items)).toMatchObject({
      code: 'BUILDER_FAILED',
      hint: expect.stringContaining('builder reset'),
    });
    expect(failed(items, { hostNix: true }).hint).toBe('nix-collect-garbage');
  });

  it('warnings are no errors, and silence is told as such', () => {
    const quiet = [
      { action: 'msg', level: 1, msg: 'warning: x' },
      { action: 'stop', id: 1 },
    ];
    expect(failed(quiet, { status: 137 })).toMatchObject({
      code: 'BUILDER_FAILED',
      message: 'Nix ended with status 137 without a message, for packages.x86_64-linux.dev.',
    });
  });

  it('a complaint of the loader is passed on as it is', () => {
    expect(failed(['nix: error while loading shared libraries']).message).toContain('shared libraries');
  });
});
