import { MvmError } from '../errors/mvm-error.ts';
import type { Backend } from './backend.ts';
import { qemu } from './qemu/backend.ts';

const backends: readonly Backend[] = [qemu];

export const defaultBackend: Backend = qemu;

export const backendNames: readonly string[] = backends.map(({ name }) => name);

/** Throws BACKEND_UNSUPPORTED for a name that a newer mvmctl may have written. */
export function backendByName(name: string): Backend {
  const found = backends.find((backend) => backend.name === name);
  if (found !== undefined) return found;
  throw new MvmError(
    'BACKEND_UNSUPPORTED',
    `There is no backend named ${name}. Backends: ${backendNames.join(', ')}.`,
  );
}
