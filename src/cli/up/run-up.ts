import { existsSync } from 'node:fs';
import { MvmError } from '../../errors/mvm-error.ts';
import { kinds } from '../../vm/state/kind.ts';
import type { VmKind } from '../../vm/state/record.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { attachHint } from '../attach/hint.ts';
import { tellEnded } from '../attach/tell-ended.ts';
import { type Context, printJson } from '../context.ts';
import { defaultWaitMs, type UpFlags, upRequest } from './options.ts';

/**
 * Brings a VM up and waits for its services or says that it runs, as the flags ask.
 * @returns the VM to attach to; undefined if not asked to attach
 */
export async function runUp(
  context: Context,
  kind: VmKind,
  flags: Partial<UpFlags>,
): Promise<{ vm: RunningVm; started: boolean } | undefined> {
  if (flags.waitTimeout !== undefined && flags.wait !== true) {
    throw new MvmError('USAGE', '--wait-timeout needs --wait.', {
      hint: `mvmctl ${kinds[kind].command} --wait --wait-timeout ${flags.waitTimeout / 1000}s`,
    });
  }
  const attaches = flags.detach !== true && flags.wait !== true && flags.json !== true;
  const { bringUp } = await import('../../vm/up/up.ts');
  const { projectBuild } = await import('./project-build.ts');
  const { asker } = await import('./ask.ts');
  const { paths, env, emit, signal, cwd } = context;
  const surroundings = { paths, env, emit, signal };
  const lend = flags.sshAgent === true ? await import('../attach/lend-agent.ts') : undefined;
  // Before anything is started for nothing.
  await lend?.hostAgent(context);
  const up = await bringUp({
    ...surroundings,
    ...upRequest(
      lend === undefined ? flags : { ...flags, env: { ...lend.agentVariable('root'), ...flags.env } },
    ),
    kind,
    attended: kind === 'up' && attaches,
    cwd,
    build: projectBuild({ ...surroundings, cwd }),
    ...asker(context),
  });
  const { vm } = up;
  if (vm.boot.shares.length > 0) {
    const { showShares } = await import('../../vm/up/show-shares.ts');
    await showShares(vm, { emit, signal, tells: up.started });
  }
  await lend?.lendAgent(context, vm, 'root', 'lasting');
  if (kind === 'dev' || up.wanted.forwards.length > 0 || existsSync(vm.paths.forwards)) {
    const { openPorts } = await import('../../vm/up/open-ports.ts');
    vm.forwards = await openPorts(vm, up.wanted, { emit, signal });
  }
  if (flags.wait === true) {
    const { awaitServices } = await import('../../vm/condition/await-services.ts');
    const timeoutMs = flags.waitTimeout ?? defaultWaitMs;
    const begun = performance.now();
    await awaitServices(vm, { emit, signal, timeoutMs });
    const asked = up.wanted.forwards.filter(({ by }) => by === 'flag').map(({ guestPort }) => guestPort);
    if (asked.length > 0) {
      const { awaitPorts } = await import('../../vm/up/await-ports.ts');
      await awaitPorts(vm, asked, { emit, signal, timeoutMs: timeoutMs - (performance.now() - begun) });
    }
  }
  if (flags.json === true) {
    const { describeVm } = await import('../render/describe-vm.ts');
    await printJson(context, describeVm(vm));
    return undefined;
  }
  if (attaches) {
    if (up.created) welcome(context, vm);
    return up;
  }
  if (kind === 'dev') await tellEnded(context, vm);
  const ready = flags.wait === true ? 'ready' : 'running';
  emit({ type: 'note', level: 'info', text: `${vm.name} is ${ready}. ${attachHint(vm)}` });
  return undefined;
}

/** Tells first-time users of the default image how to get more than busybox. */
function welcome({ emit }: Context, { boot }: RunningVm): void {
  if (boot.imageName !== 'default' || boot.entrypointKind !== 'shell') return;
  const lines = [
    'The default image has only busybox. A short flake gives you the packages you want:',
    `  dev = mvm.lib.\${system}.mkGuest { name = "app"; entrypoint.shell = "/bin/bash"; packages = [ pkgs.git ]; };`,
    "'mvmctl init' writes one and 'mvmctl dev up' builds it (without a Nix cache: add '--nixpkgs debian').",
  ];
  for (const text of lines) emit({ type: 'note', level: 'info', text });
}
