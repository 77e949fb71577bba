/** "mvm" in ASCII, in the shape of a version 8 UUID (RFC 9562, section 5.8: the maker's own scheme). */
const prefix = '6d766d00-0000-8000-8000-';

/**
 * The `-uuid` that marks a VM's QEMU process: the same for every start of the VM, and of no other. Made without a hash:
 * loading node:crypto would take a tenth of a short command's time.
 * @param id the VM's, 12 hex digits
 */
export function vmUuid(id: string): string {
  return prefix + id;
}
