import * as v from 'valibot';
import { MvmError } from '../../errors/mvm-error.ts';
import { shareSchema } from '../../share/share.ts';
import { recordFile } from '../../state/record.ts';

const architecture = v.picklist(['x86_64', 'aarch64']);
export type Architecture = v.InferOutput<typeof architecture>;

/** The architecture of this host. */
export const ownArch = (): Architecture => (process.arch === 'arm64' ? 'aarch64' : 'x86_64');

const kind = v.picklist(['dev', 'up']);
/** A VM to work in (`dev up`), or one that runs an image as it is (`up`); kind.ts has what differs. */
export type VmKind = v.InferOutput<typeof kind>;

const vmRecord = v.object({
  /** 12 hex digits; names the runtime folder and marks the VMM's process. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  name: v.string(),
  /** Records of version 0.1 have none: they are of dev VMs. */
  kind: v.optional(kind, 'dev'),
  /** The project whose own VM of its kind this is; null for a VM named with --name. */
  defaultOf: v.nullable(v.string()),
  /** The project folder it was made in. */
  project: v.string(),
  arch: architecture,
  vcpus: v.number(),
  memoryMib: v.number(),
  /** Environment of what runs in it, on top of the image's. */
  env: v.optional(v.record(v.string(), v.string()), {}),
  /** Where `vcpus`, `memoryMib` and the variables (`env.NAME`) came from; see config/settings.ts. */
  sources: v.optional(v.record(v.string(), v.string()), {}),
  /** It is there for one command: whoever finds it stopped removes it. */
  throwaway: v.optional(v.boolean()),
  createdAt: v.string(),
});
export type VmRecord = v.InferOutput<typeof vmRecord>;

/** What the user asked for; survives the VM's stops. */
export const vmRecords = recordFile({ what: "VM's record", version: 1, schema: vmRecord, copy: true });

const vmmRecord = v.object({ pid: v.number(), startTime: v.string(), startedAt: v.string() });
export type VmmRecord = v.InferOutput<typeof vmmRecord>;

/** The VMM process of the current boot. */
export const vmmRecords = recordFile({ what: 'process record', version: 1, schema: vmmRecord });

const bootRecord = v.object({
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  backend: v.string(),
  accelerator: v.string(),
  runtimeDir: v.string(),
  ports: v.number(),
  /** The image's folder and name, and what it allows: see image.json. */
  image: v.string(),
  imageName: v.optional(v.string(), ''),
  entrypointKind: v.optional(v.picklist(['shell', 'command', 'services']), 'shell'),
  sealed: v.optional(v.boolean(), false),
  /** Which image was asked for: `flake`, `profile`, `nixpkgs`, as far as they were given. */
  asked: v.optional(v.record(v.string(), v.string())),
  /** The project's files that its image was built from; see up/request.ts. */
  source: v.optional(v.object({ digest: v.string(), readAt: v.string() })),
  arch: architecture,
  vcpus: v.number(),
  memoryMib: v.number(),
  env: v.optional(v.record(v.string(), v.string()), {}),
  /** Whatever is listened on in the guest is forwarded. */
  follow: v.optional(v.boolean(), false),
  /** Folders of this host that it shows. */
  shares: v.optional(v.array(shareSchema), []),
  /** The template that it was resumed from; absent where it was booted. */
  template: v.optional(v.string()),
  /** Set when the guest said that it is ready; until then the VM is starting. */
  readyAt: v.nullable(v.string()),
  /** Guest uptime in milliseconds at that moment. */
  readyUptimeMs: v.nullable(v.number()),
});
export type BootRecord = v.InferOutput<typeof bootRecord>;

/** The current boot; holds the channel key, hence mode 0600. */
export const bootRecords = recordFile({
  what: 'boot record',
  version: 1,
  schema: bootRecord,
  mode: 0o600,
  copy: true,
});

/** Throws USAGE for a name that can't be a host name and a folder. */
export function checkName(name: string): string {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name) || name.endsWith('-')) {
    throw new MvmError(
      'USAGE',
      `'${name}' can't be a VM's name: a to z, 0 to 9 and '-', starting with a letter, at most 32 characters.`,
    );
  }
  return name;
}
