import { createHash } from 'node:crypto';

/**
 * The `-uuid` that marks a VM's QEMU process: the same for every start of the VM, and of no other. A hash of
 * the VM's id in the shape of a version 8 UUID (RFC 9562, section 5.8: the maker's own scheme).
 */
export function vmUuid(id: string): string {
  const hex = createHash('sha256').update(`mvm vm ${id}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16).padStart(2, '0');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(18, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
