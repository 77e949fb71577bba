/** What time it is, in nanoseconds since 1970; as exact as a microsecond. */
export const nowNs = (): bigint =>
  BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
