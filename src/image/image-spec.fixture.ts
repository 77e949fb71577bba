import { digestOf } from './digest.ts';
import type { ImageJson } from './image-json.ts';

/** What a small image says of itself: accessible, with a shell, of these files. */
export function imageSpec(
  files: { kernel: Buffer; initrd: Buffer; [name: string]: Buffer } = {
    kernel: Buffer.from('kernel'),
    initrd: Buffer.from('initrd'),
  },
  more: Partial<ImageJson> = {},
): ImageJson {
  return {
    schema: 1,
    name: 'app',
    system: 'x86_64-linux',
    entrypointKind: 'shell',
    accessible: true,
    sealed: false,
    expectedBootMs: 300,
    vcpus: 1,
    memoryMib: 512,
    services: {},
    ports: [],
    kernelCommandLine: '',
    files: {
      ...Object.fromEntries(Object.entries(files).map(([name, content]) => [name, digestOf(content)])),
      kernel: digestOf(files.kernel),
      initrd: digestOf(files.initrd),
    },
    ...more,
  };
}
