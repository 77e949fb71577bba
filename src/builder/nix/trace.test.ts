import { expect, test } from 'vitest';
import { projectTrace } from './trace.ts';

const [own, library, other] = ['a', 'b', 'c'].map((letter) => `/nix/store/${letter.repeat(32)}-source`);
const frame = (what: string, at: string) =>
  `       … ${what}\n         at ${at}:1:2:\n            1| code\n             | ^`;
const trace = (...parts: string[]) => ['error:', ...parts].join('\n\n');

test('frames of the library go, those of the project and what is wrong stay', () => {
  const text = trace(
    frame('from call site', `${own}/flake.nix`),
    frame('while calling mkGuest', `${library}/nix/lib/mk-guest.nix`),
    frame('while evaluating a branch condition', `${library}/nix/lib/services.nix`),
    '       (stack trace truncated; use --show-trace)',
    '       error: no such argument',
  );
  expect(projectTrace(text)).toBe(
    trace(frame('from call site', `${own}/flake.nix`), '       error: no such argument'),
  );
});

test('a project with files of the same names keeps its frames', () => {
  const text = trace(
    frame('from call site', `${own}/sub/flake.nix`),
    frame('while calling', `${own}/lib/strings.nix`),
    frame('while calling', `${other}/lib/strings.nix`),
    frame('while calling', `${other}/lib/more.nix`),
    '       error: x',
  );
  expect(projectTrace(text)).toContain(`${own}/lib/strings.nix`);
  expect(projectTrace(text)).not.toContain(other);
});

test('the last paragraph stays, wherever it is', () => {
  const text = `error: x\n       at ${library}/nix/lib/check.nix:1:2:`;
  expect(projectTrace(text)).toBe(text);
});
