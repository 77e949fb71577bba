import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { entry } from '../mvmctl.ts';

const require = createRequire(entry);

test('every package beside the tool loads', () => {
  const files = readdirSync(dirname(entry)).filter((file) => file.startsWith('vendor-'));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect(Object.keys(require(`./${file}`)), file).not.toEqual([]);
});
