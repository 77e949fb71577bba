import type { Capabilities } from '../../backend.ts';

export const capabilities: Capabilities = {
  archs: ['x86_64', 'aarch64'],
  networks: ['user', 'none'],
  disk: true,
  // A virtio-serial device has 31 ports (QEMU, VIRTIO_SERIAL max_ports); one is reserved, one is the event's.
  maxPorts: 29,
};
