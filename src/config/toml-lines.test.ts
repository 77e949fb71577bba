import { expect, test } from 'vitest';
import { lineOf } from './toml-lines.ts';

const text = [
  'flake = "."', // 1
  'note = """', // 2
  'vcpus = 9', // 3
  '"""', // 4
  'vcpus = 2', // 5
  'env.A = "1"', // 6
  '  [ "inputs" ] # here', // 7
  '\'nix-pkgs\' = "x"', // 8
  'vcpus = "a"', // 9
].join('\n');

test.each([
  [['flake'], 1],
  [['vcpus'], 5],
  [['env', 'A'], 6],
  [['inputs'], 7],
  [['inputs', 'nix-pkgs'], 8],
  [['inputs', 'vcpus'], 9],
  [['inputs', 'absent'], 7],
  [['absent'], 1],
])('%j is on line %i', (path, line) => {
  expect(lineOf(text, path)).toBe(line);
});
