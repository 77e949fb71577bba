import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ensureDir, writeAtomic } from '../../state/write.ts';
import type { Arch } from '../backend.ts';

const schema = v.object({
  /** What it holds for; any change makes it void. */
  key: v.string(),
  version: v.string(),
  sandbox: v.boolean(),
  /** Why KVM does not run guests; empty where it does; absent where it was not tried. */
  kvm: v.optional(v.string()),
  tscKhz: v.optional(v.number()),
});

export type Verdict = v.InferOutput<typeof schema>;

function path(cacheDir: string, arch: Arch): string {
  return join(cacheDir, `qemu-${arch}.json`);
}

/** The kept verdict for this key; undefined where there is none or the file is damaged: it is made anew. */
export async function readVerdict(cacheDir: string, arch: Arch, key: string): Promise<Verdict | undefined> {
  try {
    const parsed = v.safeParse(schema, JSON.parse(await readFile(path(cacheDir, arch), 'utf8')));
    return parsed.success && parsed.output.key === key ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Throws STATE_WRITE. */
export async function writeVerdict(cacheDir: string, arch: Arch, verdict: Verdict): Promise<void> {
  await ensureDir(cacheDir);
  await writeAtomic(path(cacheDir, arch), JSON.stringify(verdict));
}
