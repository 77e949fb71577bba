import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors/codes.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import type { Exit } from '../process/spawn-detached.ts';

export type Arch = 'x86_64' | 'aarch64';
export type Accelerator = 'kvm' | 'hvf' | 'tcg';

/** A raw image as a block device. One that is only read may be in use by several VMs. */
export interface Disk {
  path: string;
  readOnly: boolean;
  /** There is nothing behind it yet, and nobody may read it: the path says nothing. The size of what will be there, in bytes. */
  placeholder?: number;
}

/** The files of a template: a machine that was saved after it booted. */
export interface TemplateFiles {
  /** The machine's memory, byte for byte. Those that are resumed from it share it and change nothing in it. */
  memory: string;
  /** The state of its devices. */
  state: string;
}

/** What a VM should be, independent of the backend. Paths are absolute. */
export interface VmSpec {
  /** 12 hex digits, unique for ever; a restarted VM keeps it. */
  id: string;
  name: string;
  arch: Arch;
  vcpus: number;
  memoryMib: number;
  kernel: string;
  initrd: string;
  /** From the image; the backend adds what its machine needs. */
  commandLine: string;
  /** Raw images, in the order in which the guest finds them: /dev/vda, /dev/vdb, … */
  disks: readonly Disk[];
  network: 'user' | 'none';
  /** Logs and the pid file. */
  vmDir: string;
  /** Sockets. */
  runtimeDir: string;
  /** Channels besides the event channel, 1 to `capabilities.maxPorts`. */
  ports: number;
  /** The kernel prints what it does to console.log; costs boot time. */
  verbose?: boolean;
  /** Instead of just booting: boots to be saved in these files, or goes on from them. */
  template?: TemplateFiles & { use: 'save' | 'resume' };
}

export interface Capabilities {
  archs: readonly Arch[];
  networks: readonly VmSpec['network'][];
  disk: boolean;
  /** Guest channels that may be open at the same time. */
  maxPorts: number;
}

/** Something in a spec that can't be honoured; found before anything starts. */
export interface Problem {
  code: ErrorCode;
  message: string;
  hint?: string;
}

export interface Available {
  available: true;
  arch: Arch;
  binary: string;
  version: string;
  accelerator: Accelerator;
  /** A sentence for the user: what runs the guest and, for emulation, why and what to expect. */
  notice: string;
  /** Why hardware acceleration is not used; empty where it is. */
  reason: string;
  /** Host's time stamp counter in kHz; undefined where unknown or the guest needs none. */
  tscKhz: number | undefined;
  /** QEMU was built with seccomp. */
  sandbox: boolean;
  /** The host makes files that are memory only (Linux). */
  memfd: boolean;
  /** This VMM and this CPU: what was saved with another is of no use. */
  host: string;
}

export interface Unavailable {
  available: false;
  arch: Arch;
  reason: string;
  /** A command to run. */
  hint: string;
}

export type Probe = Available | Unavailable;

export interface ProbeContext {
  /** Where verdicts are kept between commands. */
  cacheDir: string;
  env?: NodeJS.ProcessEnv;
}

/** All that `start` does, decided beforehand: a pure function of spec and probe. */
export interface Plan {
  argv: readonly string[];
  logPath: string;
  vmDir: string;
  runtimeDir: string;
  /** The state of devices that is loaded as soon as the VMM can do so. */
  load?: string;
}

export interface Started {
  identity: ProcessIdentity;
  /** Resolves when the VMM ends while this mvmctl lives; does not keep mvmctl alive. */
  exited: Promise<Exit>;
}

/** A guest channel: `event`, or an index of the pool. */
export type Port = 'event' | number;

export interface Lease {
  index: number;
  release(): Promise<void>;
}

export interface LeaseOptions {
  /**
   * One port of a pool is kept for what the guest answers at once, so that a VM can be asked and stopped whatever runs
   * in it; `work` leaves it alone.
   */
  purpose: 'question' | 'work';
  /** Called once, when no port has been free for a second. */
  onWait?: () => void;
  signal?: AbortSignal;
}

/** What a VMM does with its guest. */
export type RunState =
  | 'running'
  /** It stopped the guest at a write for which the host's disk had no space; the write is done when it resumes. */
  | 'host-disk-full'
  /** Likewise, for another reason: a quota, a failing disk. */
  | 'host-write-failed'
  /** Someone paused the guest. */
  | 'paused'
  /** Someone stopped the VMM's process (SIGSTOP). */
  | 'stopped'
  /** The VMM itself does not answer. */
  | 'unknown';

export interface Backend {
  readonly name: 'qemu';
  readonly capabilities: Capabilities;
  /** Can it run guests of this architecture here, and how? Never throws for "no". */
  probe(arch: Arch, context: ProbeContext): Promise<Probe>;
  /** Everything that is wrong with the spec on this host; empty means that `plan` may be called. */
  validate(spec: VmSpec): Problem[];
  /** Bytes by which the sockets' paths in this folder are too long for the system; 0 where they fit. */
  socketExcess(runtimeDir: string): number;
  plan(spec: VmSpec, probe: Available): Plan;
  /**
   * Resolves once the VMM has accepted its configuration. One that goes on from a template has loaded it by then, and stands still
   * until `resume`. Throws BACKEND_FAILED with the log's end.
   */
  start(plan: Plan): Promise<Started>;
  /** Ends the VMM without asking the guest; its disk is flushed unless `force`. */
  stop(identity: ProcessIdentity, runtimeDir: string, options?: { force?: boolean }): Promise<void>;
  status(identity: ProcessIdentity): Promise<'running' | 'stopped'>;
  /**
   * A VMM of this VM whose identity is recorded nowhere, because mvmctl was killed between or the record is lost. Looks
   * at all of the user's processes only with `everywhere`; without an id, by its folder.
   */
  findOrphan(vm: {
    id: string | undefined;
    vmDir: string;
    everywhere?: boolean;
  }): Promise<ProcessIdentity | undefined>;
  /** Opens a channel; pool ports only with a lease. Throws VM_NOT_RUNNING where nothing listens. */
  connect(runtimeDir: string, port: Port): Promise<Socket>;
  /**
   * Takes a free pool port, waiting for one where all are taken. Throws CHANNELS_BUSY after five minutes, VM_NOT_RUNNING
   * where there is no such VM, the signal's reason.
   */
  leasePort(runtimeDir: string, count: number, options: LeaseOptions): Promise<Lease>;
  /** Whether the guest can run at all; takes a second at most. */
  runState(identity: ProcessIdentity, runtimeDir: string): Promise<RunState>;
  /** Lets a guest that was paused run on. Throws BACKEND_FAILED. */
  resume(runtimeDir: string): Promise<void>;
  /** Whether such machines can be saved and resumed here. */
  hasTemplates(probe: Available): boolean;
  /**
   * Stops a guest that was started to be saved, and writes its devices' state; its memory is in its file already. The VMM is of no
   * more use. Throws BACKEND_FAILED, STATE_WRITE.
   */
  save(runtimeDir: string, state: string): Promise<void>;
}
