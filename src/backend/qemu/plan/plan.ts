import { join } from 'node:path';
import type { Available, Plan, VmSpec } from '../../backend.ts';
import { channelDevices, diskDevice, networkDevice } from './devices.ts';
import { kernelArguments } from './kernel-arguments.ts';
import { cpuModel, firmware, machine, timerOfMachine } from './machine.ts';
import { memory, memoryOfMachine } from './memory.ts';
import { option } from './option.ts';
import { qmpSocket } from './sockets.ts';
import { vmUuid } from './uuid.ts';

/** Not quoted as an option: -pidfile takes a bare path. */
export function pidFile(vmDir: string): string {
  return join(vmDir, 'qemu.pid');
}

/** What a QEMU that was broken into may still not do (QEMU manual, -sandbox). */
export const sandboxOption = option('on', {
  obsolete: 'deny',
  elevateprivileges: 'deny',
  spawn: 'deny',
  resourcecontrol: 'deny',
});

/** QEMU's whole command line. Nothing secret is on it: any user of the host can read it. */
export function plan(spec: VmSpec, probe: Available): Plan {
  const load = spec.template?.use === 'resume' ? spec.template.state : undefined;
  const commandLine = [
    ...kernelArguments({
      arch: spec.arch,
      accelerator: probe.accelerator,
      tscKhz: probe.tscKhz,
      verbose: spec.verbose ?? false,
    }),
    spec.commandLine,
  ]
    .filter((word) => word !== '')
    .join(' ');
  const argv = [
    probe.binary,
    ...['-name', option('', { guest: `mvm-${spec.name}` })],
    ...['-uuid', vmUuid(spec.id)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...(probe.sandbox ? ['-sandbox', sandboxOption] : []),
    ...['-M', machine(spec.arch, probe.accelerator, { ...memoryOfMachine(probe), ...timerOfMachine(probe) })],
    ...firmware(spec.arch),
    ...['-accel', probe.accelerator],
    ...['-cpu', cpuModel(spec.arch, probe.accelerator, probe.version)],
    ...['-smp', String(spec.vcpus), ...memory(spec, probe)],
    // A machine that is resumed has read its initrd; the kernel is still a part of what its firmware was given.
    ...[
      '-kernel',
      spec.kernel,
      ...(load === undefined ? ['-initrd', spec.initrd] : []),
      '-append',
      commandLine,
    ],
    ...['-pidfile', pidFile(spec.vmDir)],
    ...[
      '-chardev',
      option('socket', { id: 'qmp', path: qmpSocket(spec.runtimeDir), server: true, wait: false }),
    ],
    ...['-mon', option('', { chardev: 'qmp', mode: 'control' })],
    // At its end, wherever that is by then: `boundLog` (state/old-logs.ts) may cut it. It is emptied before QEMU is started.
    ...['-chardev', option('file', { id: 'console', path: join(spec.vmDir, 'console.log'), append: true })],
    ...['-serial', 'chardev:console'],
    ...channelDevices(spec),
    ...spec.disks.flatMap(diskDevice),
    ...networkDevice(spec.network),
    ...(load === undefined ? [] : ['-incoming', 'defer']),
  ];
  return {
    argv,
    logPath: join(spec.vmDir, 'vmm.log'),
    vmDir: spec.vmDir,
    runtimeDir: spec.runtimeDir,
    ...(load === undefined ? {} : { load }),
  };
}
