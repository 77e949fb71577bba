import { expect, it } from 'vitest';
import { builderSize } from './size.ts';

it.each([
  [1, 1, { vcpus: 1, memoryMib: 1024 }],
  [2, 4, { vcpus: 2, memoryMib: 2048 }],
  [64, 256, { vcpus: 4, memoryMib: 3072 }],
])('a host of %d CPUs and %d GiB has room for a builder', (cpus, gib, size) =>
  expect(builderSize(cpus, gib * 2 ** 30)).toEqual(size));
