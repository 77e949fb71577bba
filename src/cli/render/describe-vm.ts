import type { Condition } from '../../vm/condition/condition.ts';
import type { VmKind } from '../../vm/state/record.ts';
import type { Vm } from '../../vm/state/vm.ts';

/** A VM as `--json` shows it; fields are added, never renamed or removed. */
export interface VmDescription {
  name: string;
  status: string;
  /** `dev` or `up`. */
  kind: VmKind | null;
  project: string | null;
  /** It is the project's own VM of its kind. */
  default: boolean;
  arch: string | null;
  vcpus: number | null;
  memoryMib: number | null;
  /** Where `vcpus`, `memoryMib` and variables (`env.NAME`) came from: a flag, a variable, mvm.toml, the image. */
  sources: Record<string, string>;
  /** What a running VM was booted from: the image's name, and what it is; null for one that is stopped. */
  image: string | null;
  entrypoint: string | null;
  sealed: boolean | null;
  accelerator: string | null;
  pid: number | null;
  createdAt: string | null;
  startedAt: string | null;
  /** Guest uptime, in milliseconds, when it became ready. */
  bootMs: number | null;
  dir: string;
  /** Ports of this host that are forwarded to it. */
  ports: {
    address: string;
    hostPort: number;
    guestPort: number;
    protocol: string;
    /** The guest's port leads to the host's. */
    reverse: boolean;
    by: string;
  }[];
  problem: string | null;
  /** Where a VM is `paused` or `not responding`: since when, and why. */
  since: string | null;
  reason: string | null;
}

/** What a running VM has is what it was booted with; a stopped one, what it would be booted with. */
export function describeVm(vm: Vm, condition: Condition = { status: vm.status }): VmDescription {
  const { record, boot, vmm } = vm;
  const current = vmm === undefined ? record : (boot ?? record);
  const of = vmm === undefined ? undefined : boot;
  return {
    name: vm.name,
    status: condition.status,
    kind: record?.kind ?? null,
    project: record?.project ?? null,
    default: record?.defaultOf != null,
    arch: current?.arch ?? null,
    vcpus: current?.vcpus ?? null,
    memoryMib: current?.memoryMib ?? null,
    sources: record?.sources ?? {},
    image: of?.imageName || null,
    entrypoint: of?.entrypointKind ?? null,
    sealed: of?.sealed ?? null,
    accelerator: vmm === undefined ? null : (boot?.accelerator ?? null),
    pid: vmm?.pid ?? null,
    createdAt: record?.createdAt ?? null,
    startedAt: vmm?.startedAt ?? null,
    bootMs: vmm === undefined ? null : (boot?.readyUptimeMs ?? null),
    dir: vm.paths.dir,
    ports: vm.forwards.map(({ address, hostPort, guestPort, protocol, reverse, by }) => ({
      address,
      hostPort,
      guestPort,
      protocol,
      reverse,
      by,
    })),
    problem: vm.problem?.message ?? null,
    since: condition.since?.toISOString() ?? null,
    reason: condition.reason ?? null,
  };
}
