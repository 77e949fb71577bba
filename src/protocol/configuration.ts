/** What a template says when it can be saved. */
export const templateWaits = 'mvm template 1\n';

/** What the guest takes at most, in bytes. */
export const maxConfiguration = 16 * 2 ** 20;

/**
 * What makes a VM of a template: the first bytes on the event port, before any opening. The text is that of /mvm/vm.json.
 * Throws RangeError for one that no guest takes.
 */
export function encodeConfiguration(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length > maxConfiguration)
    throw new RangeError(`a configuration of ${body.length} bytes; ${maxConfiguration} are possible`);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from('mvm configure 1\n'), size, body]);
}
