import { stat } from 'node:fs/promises';
import type { Available, VmSpec } from '../../backend/backend.ts';
import type { Image } from '../../image/load-image.ts';
import { spawnDetached } from '../../process/spawn-detached.ts';
import { markUsed } from '../../state/last-used.ts';
import type { BootTemplate } from '../boot/resume.ts';
import type { Surroundings } from '../surroundings.ts';
import { allowedTemplates } from './allowed.ts';
import { templateKey } from './key.ts';
import { failureFile, loadTemplate, noteFailure, removeTemplate, sulkMs } from './store.ts';

export interface TemplateUse {
  /** What the start may go on from. */
  template: BootTemplate | undefined;
  /** Has one made of what the VM was booted from, where there was none. Does not wait, and never fails. */
  makeNext(name: string): Promise<void>;
}

const nothing: TemplateUse = { template: undefined, makeNext: async () => {} };

/**
 * What templates do for this start. One that is damaged is removed.
 * @param asked false: the user wants a boot
 */
export async function templateUse(
  image: Image,
  spec: VmSpec,
  probe: Available,
  { paths, env, emit }: Surroundings,
  asked: boolean,
): Promise<TemplateUse> {
  const allowed = asked ? await allowedTemplates(paths, env) : undefined;
  const key = allowed?.use === true ? await templateKey(image, spec, probe) : undefined;
  if (allowed === undefined || key === undefined) return nothing;
  const found = await loadTemplate(paths, key);
  // In a cache that can't be written to it stays, and is of no use to anyone.
  const remove = () => removeTemplate(paths, key).catch(() => {});
  if (found === 'damaged') {
    emit({ type: 'debug', text: `template ${key} is damaged` });
    await remove();
  } else if (found !== undefined) {
    await markUsed(found.dir);
    const reject = async (why: unknown): Promise<void> => {
      emit({ type: 'debug', text: `template ${key} did not serve: ${String(why)}` });
      await noteFailure(paths, key, why);
      await remove();
    };
    return { ...nothing, template: { key, files: found.files, reject } };
  }
  return {
    template: undefined,
    async makeNext(name) {
      if (!allowed.make || (await failedLately(failureFile(paths, key)))) return;
      const [, script = ''] = process.argv;
      // In this folder: variables may name others relative to it.
      const argv = [process.execPath, script, 'template', 'make', '--background', name];
      await spawnDetached(argv, { logPath: undefined, cwd: process.cwd(), env }).catch((error: unknown) =>
        emit({ type: 'debug', text: `no template is made: ${String(error)}` }),
      );
    },
  };
}

async function failedLately(path: string): Promise<boolean> {
  const noted = await stat(path).catch(() => undefined);
  return noted !== undefined && Date.now() - noted.mtimeMs < sulkMs;
}
