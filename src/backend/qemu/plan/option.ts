/** A value inside a QEMU option string: a comma ends it unless doubled (QEMU manual, "-drive file="). */
export function quote(value: string): string {
  return value.replaceAll(',', ',,');
}

/**
 * `virtio-blk-pci,drive=root,…` from its parts. Keys with an undefined value are left out, booleans become
 * on and off.
 */
export function option(
  head: string,
  properties: Record<string, string | number | boolean | undefined> = {},
): string {
  const parts = head === '' ? [] : [head];
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : quote(String(value));
    parts.push(`${key}=${text}`);
  }
  return parts.join(',');
}
