import type { DiskUse } from './boot-disks.ts';
import type { VmKind, VmRecord } from './record.ts';

/** What the kinds of VMs have in common is data. */
export interface KindFacts {
  /** The command that starts one. */
  command: 'dev up' | 'up';
  /** The flake's output where nobody names one. */
  profile: string;
  /** In words, for messages. */
  words: string;
}

export const kinds: Readonly<Record<VmKind, KindFacts>> = {
  dev: { command: 'dev up', profile: 'dev', words: 'dev VM' },
  up: { command: 'up', profile: 'default', words: "VM of 'up'" },
};

/** A dev VM keeps all that is written in it; one of `up` begins anew, but for the image's volumes. */
export function diskUse(kind: VmKind, image: { spec: { volumes?: readonly string[] | undefined } }): DiskUse {
  if (kind === 'dev') return 'root';
  return (image.spec.volumes ?? []).length > 0 ? 'volumes' : 'none';
}

/** The command line that starts this VM. */
export function startCommand(record: Pick<VmRecord, 'kind' | 'name' | 'defaultOf'>): string {
  const command = `mvmctl ${kinds[record.kind].command}`;
  return record.defaultOf === null ? `${command} --name ${record.name}` : command;
}
