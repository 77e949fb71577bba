/** Splits bytes into lines; a line may come in pieces, and a character too. */
export function byLine(onLine: (line: string) => void): { take: (chunk: Buffer) => void; end: () => void } {
  let rest = Buffer.alloc(0);
  return {
    take(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        onLine(Buffer.concat([rest, chunk.subarray(from, at)]).toString('utf8'));
        rest = Buffer.alloc(0);
        from = at + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from)]);
    },
    end() {
      if (rest.length > 0) onLine(rest.toString('utf8'));
      rest = Buffer.alloc(0);
    },
  };
}
