/**
 * FNV-1a, 32 bits, in hex: finds each changed byte of a small file, and costs a short command nothing to load. It is
 * no protection against deliberate changes.
 */
export function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
