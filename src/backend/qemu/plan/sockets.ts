import { join } from 'node:path';
import type { Port } from '../../backend.ts';

/** `sun_path` without its closing zero byte: 108 bytes on Linux (unix(7)), 104 on macOS (sys/un.h). */
export function maxSocketPath(platform: NodeJS.Platform = process.platform): number {
  return platform === 'darwin' ? 103 : 107;
}

export function qmpSocket(runtimeDir: string): string {
  return join(runtimeDir, 'qmp.sock');
}

/** Where a machine's state goes through as it is saved or loaded. */
export function stateSocket(runtimeDir: string): string {
  return join(runtimeDir, 'state.sock');
}

export function channelSocket(runtimeDir: string, port: Port): string {
  return join(runtimeDir, `${port}.sock`);
}

export function channelLock(runtimeDir: string, index: number): string {
  return join(runtimeDir, `${index}.lock`);
}

/** The longest socket path that a VM with this runtime directory needs. */
export function longestSocket(runtimeDir: string): string {
  return channelSocket(runtimeDir, 'event');
}

/** Bytes by which that path is too long for the system; 0 where it fits. */
export function socketExcess(runtimeDir: string, platform?: NodeJS.Platform): number {
  return Math.max(0, Buffer.byteLength(longestSocket(runtimeDir)) - maxSocketPath(platform));
}
