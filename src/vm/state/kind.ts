import type { VmKind, VmRecord } from './record.ts';

/**
 * What a VM's disk is for: the writable layer of its whole root (`root`), the folders that its image names as
 * volumes, over a root whose changes end with the boot (`volumes`), whatever the guest's own programs mount it
 * for (`own`); or the VM has none.
 */
export type DiskUse = 'root' | 'volumes' | 'own' | 'none';

/** What the kinds of VMs have in common is data. */
export interface KindFacts {
  /** The command that starts one. */
  command: 'dev up' | 'up';
  /** The flake's output unless one is named. */
  profile: string;
  /** In words, for messages. */
  words: string;
}

export const kinds: Readonly<Record<VmKind, KindFacts>> = {
  dev: { command: 'dev up', profile: 'dev', words: 'dev VM' },
  up: { command: 'up', profile: 'default', words: "VM of 'up'" },
};

/** A dev VM keeps everything written in it; a VM of `up` starts afresh, except for the image's volumes. */
export function diskUse(kind: VmKind, image: { spec: { volumes?: readonly string[] | undefined } }): DiskUse {
  if (kind === 'dev') return 'root';
  return (image.spec.volumes ?? []).length > 0 ? 'volumes' : 'none';
}

/**
 * The command line that starts this VM.
 * @param project the one whose folder the user is in: elsewhere the same command without a name is about another VM
 */
export function startCommand(
  { kind, name, defaultOf }: Pick<VmRecord, 'kind' | 'name' | 'defaultOf'>,
  project: string | null = defaultOf,
): string {
  const command = `mvmctl ${kinds[kind].command}`;
  return defaultOf === null || defaultOf !== project ? `${command} --name ${name}` : command;
}
