/** Writes docs/reference/ from the command definitions, the error table and the settings. `--check` only compares. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencePages } from '../src/cli/reference.ts';

const dir = join(dirname(import.meta.dirname), 'docs', 'reference');
mkdirSync(dir, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) {
  const path = join(dir, name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`error: ${path} is stale\n  → npm run docs\n`);
    process.exitCode = 1;
  }
}
