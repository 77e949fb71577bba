import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hostConfig, sharedConfig } from '../../ssh/client-config.ts';
import { hostOf, type SharedFiles, sharedFiles } from '../../ssh/files.ts';
import type { Paths } from '../../state/paths.ts';
import { writeAtomic } from '../../state/write.ts';
import { companionOf } from '../../vm/condition/companion.ts';
import { requireAccessible } from '../../vm/images/accessible.ts';
import { guestAgent } from '../../vm/images/agent.ts';
import { listVms } from '../../vm/state/list.ts';
import type { RunningVm, Vm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';

/** What ssh starts for each connection, but for the host's name. */
const proxyCommand = (paths: Paths): string[] => [
  process.execPath,
  join(import.meta.dirname, 'ssh-proxy.cjs'),
  paths.state,
];

/** Makes the way to a VM's SSH server, for as long as the VM runs. Throws SEALED, COMPANION_FAILED, GUEST_REFUSED, STATE_WRITE. */
export async function openSsh(context: Context, vm: RunningVm): Promise<void> {
  requireAccessible(vm, 'ssh');
  const { paths, emit, signal } = context;
  const shared = sharedFiles(paths.state);
  const { ensureKeys } = await import('../../ssh/keys.ts');
  const { files, made } = await ensureKeys(vm.paths.dir, shared);
  // Editors list the hosts that they find in it.
  if (made && existsSync(shared.config)) await writeSharedConfig(paths);
  const { path: program, sha256: digest } = await guestAgent(vm.boot.arch, 'mvm-ssh', {
    ...context,
    paths,
    emit,
    signal,
  });
  const companion = await companionOf(vm, context);
  try {
    await companion.ask({ ask: 'ssh', program, digest, keys: files.dir, env: vm.boot.env });
  } finally {
    companion.close();
  }
}

/** The configuration for one VM, whose keys are made if it has none. Throws STATE_WRITE, USAGE. */
export async function configOf(paths: Paths, vm: Vm): Promise<string> {
  const { ensureKeys } = await import('../../ssh/keys.ts');
  const { files } = await ensureKeys(vm.paths.dir, sharedFiles(paths.state));
  return hostConfig(hostOf(vm.paths.dir), { proxy: proxyCommand(paths), files });
}

/** Writes the configuration for all VMs. Throws STATE_WRITE, USAGE. */
export async function writeSharedConfig(paths: Paths): Promise<SharedFiles> {
  const shared = sharedFiles(paths.state);
  const hosts = (await listVms(paths)).map((vm) => hostOf(vm.paths.dir));
  await writeAtomic(shared.config, sharedConfig(hosts, proxyCommand(paths), shared));
  return shared;
}
