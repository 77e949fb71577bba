import { MvmError } from '../../errors/mvm-error.ts';
import type { Vm } from '../../vm/state/vm.ts';
import { imageOrVm } from '../arguments/complete-values.ts';
import { type Context, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { describeVm } from '../render/describe-vm.ts';

export const inspect = defineCommand<{ json: boolean }>({
  name: 'inspect',
  summary: 'show everything about a VM or an image',
  description:
    'Show a VM: its machine, files, services and health checks. Or show an image, with every field of its services, both declared and added by presets.',
  arguments: [
    {
      name: 'vm',
      description:
        "the VM; this project's unless given. Or an image: its folder, or the start of its digest (see mvmctl images)",
      complete: imageOrVm,
    },
  ],
  options: [
    { flags: '--json', description: 'print as JSON, including what the guest reports if it is running' },
  ],
  examples: [
    ['mvmctl inspect demo', "show the VM's status, size, disk, logs and services"],
    ['mvmctl inspect demo --json', 'print the same for a script'],
    ['mvmctl inspect 3f2a91c04d11', 'show an image in the cache'],
  ],
  async run(context, { arguments: [name], options }) {
    const found = await findVmOrImage(context, name);
    if ('image' in found) {
      const { printImage } = await import('../render/print-image.ts');
      await printImage(context, found.image, options.json === true);
      return 0;
    }
    const { vm } = found;
    if (options.json !== true) {
      const { printVm } = await import('../render/print-vm.ts');
      await printVm(context, vm);
      return 0;
    }
    const { isRunning } = await import('../../vm/state/vm.ts');
    const { conditionOf } = await import('../../vm/condition/condition.ts');
    const condition = await conditionOf(vm, context.signal);
    let info: unknown = null;
    let services: unknown = null;
    if (isRunning(vm) && condition.reason === undefined) {
      const { guestAccess } = await import('../../vm/condition/guest.ts');
      const { guestInfo } = await import('../../guest/info.ts');
      const { servicesOf } = await import('../arguments/find-service.ts');
      info = await guestInfo(guestAccess(vm, context.emit), context.signal);
      services = await servicesOf(context, vm);
    }
    await printJson(context, {
      ...describeVm(vm, condition),
      boot: bootFacts(vm.boot),
      guest: info,
      services,
    });
    return 0;
  },
});

/** A VM's name comes before an image's. Throws VM_NOT_FOUND, and USAGE where more than one image is meant. */
async function findVmOrImage(
  context: Context,
  asked: string | undefined,
): Promise<{ vm: Vm } | { image: string }> {
  const { findImage, isImage, isPath } = await import('../arguments/find-image.ts');
  const image = async (name: string) => ({ image: (await findImage(context, name)).dir });
  if (asked !== undefined && isPath(asked)) return image(asked);
  const { findVm } = await import('../../vm/state/find.ts');
  try {
    return { vm: await findVm(context.paths, context.cwd, asked) };
  } catch (error) {
    if (asked === undefined || !(error instanceof MvmError) || error.code !== 'VM_NOT_FOUND') throw error;
    if (await isImage(context, asked)) return image(asked);
    throw error;
  }
}

/** The boot's record without its key. */
function bootFacts(boot: object | undefined): object | null {
  if (boot === undefined) return null;
  return Object.fromEntries(Object.entries(boot).filter(([name]) => name !== 'key'));
}
