import { defaultBackend as backend } from '../../backend/registry.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { loadImage } from '../../image/load-image.ts';
import { bootDisks } from '../boot/disks.ts';
import { ensureBackend } from '../boot/ensure-backend.ts';
import { specOf } from '../boot/plan.ts';
import { diskUse } from '../state/kind.ts';
import type { RunningVm } from '../state/vm.ts';
import type { Surroundings } from '../surroundings.ts';
import { allowedTemplates } from './allowed.ts';
import { boundTemplates } from './kept.ts';
import { templateKey } from './key.ts';
import { makeTemplate } from './make.ts';
import { loadTemplate, noteFailure } from './store.ts';

/**
 * Makes a template of what a running VM was started from, and removes the least used where all take too much. Returns its key, and
 * whether this call made it; one that another process is making is waited for if asked.
 * @throws MvmError USAGE where there can be none, and what `makeTemplate` throws
 */
export async function makeOfVm(
  { record, boot, paths: files }: RunningVm,
  options: Surroundings,
  waits: boolean,
): Promise<{ key: string; made: boolean }> {
  const { paths, env } = options;
  const probe = await ensureBackend(boot.arch, options);
  const image = await loadImage(boot.image);
  const { disks, config } = bootDisks(image, files.disk, diskUse(record.kind, image));
  const machine = { ...record, arch: boot.arch, vcpus: boot.vcpus, memoryMib: boot.memoryMib };
  const spec = specOf(machine, image, files, disks, boot.runtimeDir, backend);
  const key = await templateKey(image, spec, probe);
  if (key === undefined)
    throw new MvmError('USAGE', `'${record.name}' can't be resumed from a template: ${whyNot(boot)}.`);
  const made = await makeTemplate({ key, image, spec, disks: config }, probe, options, waits);
  const { use, bytes } = await allowedTemplates(paths, env);
  if (use) await boundTemplates(paths, bytes);
  if (made && (await loadTemplate(paths, key)) === undefined)
    await noteFailure(paths, key, `it takes more than ${bytes} bytes, or others in use do`);
  return { key, made };
}

function whyNot({ accelerator, arch, sealed }: RunningVm['boot']): string {
  if (sealed) return 'its image is sealed';
  if (accelerator !== 'tcg' || arch !== 'x86_64') return 'templates are for emulated x86_64 machines so far';
  return 'its root is verified, or memory files are not possible here';
}
