import { join } from 'node:path';
import * as v from 'valibot';
import { recordFile } from '../../../state/record.ts';
import { ensureDir } from '../../../state/write.ts';
import type { Arch } from '../../backend.ts';

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

const verdicts = recordFile({ what: 'verdict on QEMU', version: 1, schema });

/** The kept verdict for this key; undefined if there is none or the file is damaged; it is then determined again. */
export async function readVerdict(cacheDir: string, arch: Arch, key: string): Promise<Verdict | undefined> {
  const { value } = await verdicts.load(path(cacheDir, arch));
  return value?.key === key ? value : undefined;
}

/** Throws STATE_WRITE. */
export async function writeVerdict(cacheDir: string, arch: Arch, verdict: Verdict): Promise<void> {
  await ensureDir(cacheDir);
  await verdicts.write(path(cacheDir, arch), verdict);
}
