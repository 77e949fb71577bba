import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../src/state/temporary-folder.fixture.ts';

const root = join(import.meta.dirname, '../..');

const text = `import 'node:child_process';
import 'execa';
import '../cli/commands.ts';
`;

/** Which imports the lint rules refuse in a file of that path. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'src/any.ts': ['processes', 'cli'],
  'src/state/any.ts': ['processes', 'cli'],
  'src/vm/up/any.ts': ['processes', 'cli'],
  'src/process/any.ts': ['cli'],
  'src/cli/commands/any.ts': ['processes'],
  'src/main.ts': ['processes'],
  'src/state/any.test.ts': [],
};

test('only src/process starts processes, and nothing imports cli', () => {
  const dir = temporaryFolder('mvm-imports-');
  copyFileSync(join(root, 'biome.json'), join(dir, 'biome.json'));
  for (const path of Object.keys(expected)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  const { stdout } = spawnSync(biome, ['lint', '--reporter=github'], { cwd: dir, encoding: 'utf8' });
  const lines = stdout.split('\n');
  const refused = (path: string) => {
    const own = lines.filter((line) => line.includes(`file=${path},`));
    return [
      ...(own.filter((line) => line.includes('Only src/process/ starts processes.')).length === 2
        ? ['processes']
        : []),
      ...(own.some((line) => line.includes('nothing imports cli/')) ? ['cli'] : []),
    ];
  };
  const found = Object.fromEntries(Object.keys(expected).map((path) => [path, refused(path)]));
  expect(found, stdout).toEqual(expected);
});
