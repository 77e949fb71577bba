import { MvmError } from '../errors/mvm-error.ts';
import { kinds } from '../vm/kind.ts';
import type { VmKind } from '../vm/record.ts';
import type { RunningVm } from '../vm/vm.ts';
import { attachHint } from './attach-hint.ts';
import { type Context, printJson } from './context.ts';
import { tellEnded } from './tell-ended.ts';
import { defaultWaitMs, type UpFlags, upRequest } from './up-options.ts';

/**
 * Brings a VM up and waits for its services or says that it runs, as the flags ask.
 * @returns the VM to attach to; undefined where nobody wants to
 */
export async function runUp(
  context: Context,
  kind: VmKind,
  flags: Partial<UpFlags>,
): Promise<{ vm: RunningVm; started: boolean } | undefined> {
  if (flags.waitTimeout !== undefined && flags.wait !== true) {
    throw new MvmError('USAGE', '--wait-timeout is for --wait.', {
      hint: `mvmctl ${kinds[kind].command} --wait --wait-timeout ${flags.waitTimeout / 1000}s`,
    });
  }
  const attaches = flags.detach !== true && flags.wait !== true && flags.json !== true;
  const { bringUp } = await import('../vm/up.ts');
  const { projectImage } = await import('./project-image.ts');
  const { paths, env, emit, signal, cwd } = context;
  const surroundings = { paths, env, emit, signal };
  const up = await bringUp({
    ...surroundings,
    ...upRequest(flags),
    kind,
    attended: kind === 'up' && attaches,
    cwd,
    projectImage: projectImage({ ...surroundings, cwd }),
  });
  const { vm } = up;
  if (flags.wait === true) {
    const { awaitServices } = await import('../vm/await-services.ts');
    await awaitServices(vm, { emit, signal, timeoutMs: flags.waitTimeout ?? defaultWaitMs });
  }
  if (flags.json === true) {
    const { describeVm } = await import('./describe-vm.ts');
    await printJson(context, describeVm(vm));
    return undefined;
  }
  if (attaches) return up;
  if (kind === 'dev') await tellEnded(context, vm);
  const ready = flags.wait === true ? 'ready' : 'running';
  emit({ type: 'note', level: 'info', text: `${vm.name} is ${ready}. ${attachHint(vm)}` });
  return undefined;
}
