import type { Disk, VmSpec } from '../../backend.ts';
import { option } from './option.ts';
import { channelSocket } from './sockets.ts';

/** Devices sit on PCI on both machines: its driver is built into distributions' kernels. */
const bus = 'pci';

function channel(spec: VmSpec, port: 'event' | number, nr: number): string[] {
  const id = `port-${port}`;
  return [
    '-chardev',
    option('socket', { id, path: channelSocket(spec.runtimeDir, port), server: true, wait: false }),
    '-device',
    // Port 0 is reserved for a console (virtio specification, 5.3.6.1).
    option('virtserialport', { bus: 'channels.0', nr, chardev: id, name: `mvm.${port}` }),
  ];
}

/** `mvm.event` and the pool, each a Unix socket on the host. */
export function channelDevices(spec: VmSpec): string[] {
  const args = ['-device', option(`virtio-serial-${bus}`, { id: 'channels', max_ports: spec.ports + 2 })];
  args.push(...channel(spec, 'event', 1));
  for (let index = 0; index < spec.ports; index++) args.push(...channel(spec, index, index + 2));
  return args;
}

/** A disk gives freed space back to the host, and the guest's flushes reach it. */
export function diskDevice(disk: Disk, index: number): string[] {
  const [name, file] = [`disk-${index}`, `disk-${index}-file`];
  const content =
    disk.placeholder !== undefined
      ? { driver: 'null-co', 'node-name': file, size: disk.placeholder, 'read-zeroes': true }
      : {
          driver: 'file',
          'node-name': file,
          filename: disk.path,
          'read-only': disk.readOnly,
          // Two QEMUs that write to one disk would destroy it.
          locking: 'on',
          discard: 'unmap',
        };
  return [
    '-blockdev',
    option('', content),
    '-blockdev',
    option('', {
      driver: 'raw',
      'node-name': name,
      file,
      'read-only': disk.readOnly,
      discard: 'unmap',
      ...(disk.readOnly ? {} : { 'detect-zeroes': 'unmap' }),
    }),
    '-device',
    option(`virtio-blk-${bus}`, {
      drive: name,
      'write-cache': true,
      // A write that the host can't do (disk full, quota) pauses the guest, which loses nothing; told of an error, its
      // file system would.
      ...(disk.readOnly ? {} : { werror: 'stop' }),
    }),
  ];
}

export function networkDevice(network: VmSpec['network']): string[] {
  if (network === 'none') return ['-nic', 'none'];
  return [
    '-netdev',
    option('user', { id: 'net' }),
    '-device',
    // An empty romfile: nothing boots from the network, and the ROM is not installed everywhere.
    `${option(`virtio-net-${bus}`, { netdev: 'net' })},romfile=`,
  ];
}
