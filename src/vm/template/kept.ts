import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, templatesDir } from '../../state/paths.ts';
import { listVms } from '../state/list.ts';
import { loadTemplate, removeTemplate, type TemplateRecord } from './store.ts';

/** A template as people see it. */
export interface KeptTemplate {
  key: string;
  dir: string;
  /** Undefined where it is damaged. */
  record: TemplateRecord | undefined;
  /** Allocated. */
  bytes: number;
  /** When a VM was last resumed from it, else when it was made; milliseconds since 1970. */
  usedAt: number;
  /** VMs that run and share its memory. */
  users: string[];
}

/** All templates, the last used first. */
export async function listTemplates(paths: Paths): Promise<KeptTemplate[]> {
  const names = await readdir(templatesDir(paths)).catch(() => []);
  const running = (await listVms(paths)).filter(({ vmm }) => vmm !== undefined);
  const found: KeptTemplate[] = [];
  for (const key of names.filter((name) => /^[0-9a-f]{32}$/.test(name))) {
    const template = await loadTemplate(paths, key);
    if (template === undefined) continue;
    const dir = join(templatesDir(paths), key);
    const users = running.filter(({ boot }) => boot?.template === key).map(({ name }) => name);
    found.push({
      key,
      dir,
      record: template === 'damaged' ? undefined : template.record,
      bytes: await allocated(dir),
      usedAt: (await lstat(dir)).mtimeMs,
      users,
    });
  }
  return found.sort((a, b) => b.usedAt - a.usedAt);
}

async function allocated(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dir)) bytes += (await lstat(join(dir, name))).blocks * 512;
  return bytes;
}

/** Removes the least used of those that no VM uses until all of them take no more than so many bytes. */
export async function boundTemplates(paths: Paths, bytes: number): Promise<void> {
  const all = await listTemplates(paths);
  let total = all.reduce((sum, template) => sum + template.bytes, 0);
  for (const template of all.toReversed()) {
    if (total <= bytes) return;
    if (template.users.length > 0) continue;
    await removeTemplate(paths, template.key);
    total -= template.bytes;
  }
}
