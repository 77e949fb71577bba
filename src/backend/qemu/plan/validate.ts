import { availableParallelism, totalmem } from 'node:os';
import { privateFolderHint } from '../../../state/paths.ts';
import type { Problem, VmSpec } from '../../backend.ts';
import { capabilities } from './capabilities.ts';
import { longestSocket, maxSocketPath, socketExcess } from './sockets.ts';

export interface Host {
  cpus: number;
  memoryMib: number;
  platform: NodeJS.Platform;
}

export function thisHost(): Host {
  return {
    cpus: availableParallelism(),
    memoryMib: Math.floor(totalmem() / 1024 / 1024),
    platform: process.platform,
  };
}

/** Debian's kernel and the agent's initrd do not fit in less. */
const minMemoryMib = 128;

function unsupported(what: string): Problem {
  return { code: 'BACKEND_UNSUPPORTED', message: `The QEMU backend does not support ${what}.` };
}

/** All that is wrong with a spec, in the order in which a user would want to read it. */
export function validate(spec: VmSpec, host: Host = thisHost()): Problem[] {
  const problems: Problem[] = [];
  if (!capabilities.archs.includes(spec.arch)) problems.push(unsupported(`arch = ${spec.arch}`));
  if (!capabilities.networks.includes(spec.network)) problems.push(unsupported(`network = ${spec.network}`));
  if (!Number.isInteger(spec.ports) || spec.ports < 1 || spec.ports > capabilities.maxPorts) {
    problems.push(unsupported(`ports = ${spec.ports} (1 to ${capabilities.maxPorts})`));
  }
  if (!Number.isInteger(spec.vcpus) || spec.vcpus < 1) problems.push(unsupported(`vcpus = ${spec.vcpus}`));
  else if (spec.vcpus > host.cpus) {
    problems.push({
      code: 'RESOURCES',
      message: `${spec.vcpus} vCPUs were requested, but the host has ${host.cpus}.`,
      hint: `--vcpus ${host.cpus}   (or fewer)`,
    });
  }
  if (!Number.isInteger(spec.memoryMib) || spec.memoryMib < minMemoryMib) {
    problems.push(unsupported(`memory = ${spec.memoryMib} MiB (at least ${minMemoryMib})`));
  } else if (spec.memoryMib > host.memoryMib) {
    problems.push({
      code: 'RESOURCES',
      message: `${spec.memoryMib} MiB of memory were requested, but the host has ${host.memoryMib} MiB.`,
      hint: 'ask for less with --memory',
    });
  }
  if (socketExcess(spec.runtimeDir, host.platform) > 0) {
    const socket = longestSocket(spec.runtimeDir);
    const length = Buffer.byteLength(socket);
    problems.push({
      code: 'PATH_TOO_LONG',
      message: `The socket path ${socket} has ${length} bytes, but the system allows only ${maxSocketPath(host.platform)}.`,
      hint: privateFolderHint,
    });
  }
  return problems;
}
