/**
 * Decodes one LZ4 block (the format's description: doc/lz4_Block_format.md of the LZ4 project) until `length`
 * bytes are there; what follows in `input` is not looked at. Undefined if `input` is not such a block.
 */
export function decodeLz4(input: Buffer, length: number): Buffer | undefined {
  const out = Buffer.alloc(length);
  let from = 0;
  let to = 0;
  /** A length of 15 continues in the following bytes, up to one that is not 255. */
  const extended = (nibble: number): number => {
    let value = nibble;
    if (nibble !== 15) return value;
    for (;;) {
      const byte = input[from++];
      if (byte === undefined) return Number.NaN;
      value += byte;
      if (byte !== 255) return value;
    }
  };
  while (to < length) {
    const token = input[from++];
    if (token === undefined) return undefined;
    const literals = Math.min(extended(token >> 4), length - to);
    if (!(from + literals <= input.length)) return undefined;
    input.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (to === length) break;
    const distance = (input[from] ?? 0) | ((input[from + 1] ?? 0) << 8);
    from += 2;
    const match = Math.min(extended(token & 15) + 4, length - to);
    if (!(from <= input.length) || Number.isNaN(match) || distance === 0 || distance > to) return undefined;
    // Byte by byte: the copy may overlap what it makes.
    for (const end = to + match; to < end; to++) out[to] = out[to - distance] as number;
  }
  return out;
}
