import type { Backend } from './backend.ts';
import { connect, leasePort } from './qemu/run/channels.ts';

/**
 * What talks to a running guest needs no more of a backend than this; the rest of it is not loaded. Throws
 * BACKEND_UNSUPPORTED as `backendByName` does.
 */
export async function channelsOf(name: string): Promise<Pick<Backend, 'connect' | 'leasePort'>> {
  if (name === 'qemu') return { connect, leasePort };
  const { backendByName } = await import('./registry.ts');
  return backendByName(name);
}
