import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referencePages } from './reference.ts';

const dir = join(import.meta.dirname, '../../docs/reference');

test.each(
  Object.entries(referencePages()),
)('docs/reference/%s is what the code says (npm run docs)', (name, text) => {
  expect(readFileSync(join(dir, name), 'utf8')).toBe(text);
});
