import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Paths, templatesDir } from '../state/paths.ts';
import { listTemplates } from '../vm/template/kept.ts';
import { clearMaking } from '../vm/template/leftovers.ts';
import { sulkMs } from '../vm/template/store.ts';
import type { Candidate } from './candidate.ts';
import { createMeter, namesIn } from './tree.ts';

/** Days after which a template that no VM was resumed from is dropped: it may be of another QEMU. */
const unusedDays = 30;

/** Templates that no start would use, and what killed makers of templates left, running or not. */
export async function unneededTemplates(paths: Paths): Promise<Candidate[]> {
  const dir = templatesDir(paths);
  const found: Candidate[] = [];
  for (const { dir: path, record, usedAt, users } of await listTemplates(paths)) {
    const lock = `${path}.lock`;
    if (users.length > 0) continue;
    if (record === undefined) found.push({ kind: 'templates', path, why: 'damaged', lock, givenUp: true });
    else if (!existsSync(record.image))
      found.push({ kind: 'templates', path, why: 'its image is gone', lock });
    else if (Date.now() - usedAt > unusedDays * 86_400_000)
      found.push({ kind: 'templates', path, why: `not used for ${unusedDays} days`, lock });
  }
  const measure = createMeter();
  for (const name of await namesIn(dir)) {
    const path = join(dir, name);
    const key = /^([0-9a-f]{32})(\..*)?\.tmp$/.exec(name)?.[1];
    if (key !== undefined) {
      const remove = () => clearMaking(path, key, { paths, env: process.env });
      const lock = join(dir, `${key}.lock`);
      found.push({ kind: 'leftovers', path, why: 'left by a killed command', lock, givenUp: true, remove });
    } else if (name.endsWith('.failed') && Date.now() - (await measure(path)).changedAt > sulkMs)
      found.push({ kind: 'leftovers', path, why: 'tells of an attempt long ago' });
  }
  return found;
}
