import type { Available } from '../../backend/backend.ts';
import { defaultBackend } from '../../backend/registry.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Architecture } from '../state/record.ts';
import type { Surroundings } from '../surroundings.ts';

/**
 * A backend that can run guests of this architecture, installed first where mvmctl may do that (root, apt).
 * @throws MvmError BACKEND_MISSING with the one command to run
 */
export async function ensureBackend(arch: Architecture, options: Surroundings): Promise<Available> {
  const context = { cacheDir: options.paths.cache, env: options.env };
  const first = await defaultBackend.probe(arch, context);
  if (first.available) return first;
  const { installHint, installQemu } = await import('../../backend/qemu/probe/install-hint.ts');
  const { overrideVariable } = await import('../../backend/qemu/probe/binary.ts');
  const install = await installHint(arch);
  // A QEMU that the user named and that does not work is not mended by installing another.
  if (install.automatic && !options.env[overrideVariable[arch]]) {
    await installQemu(arch, options.emit, options.signal);
    const second = await defaultBackend.probe(arch, context);
    if (second.available) return second;
    throw new MvmError('BACKEND_MISSING', second.reason, { hint: second.hint });
  }
  throw new MvmError('BACKEND_MISSING', first.reason, { hint: first.hint });
}
