import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { type Home, makeHome, type Result, testCache } from '../mvmctl.ts';
import { endProcess, qemusIn } from '../processes.ts';
import { nativeNix } from './native-nix.ts';

export { childrenOf, endProcess, isRunning } from '../processes.ts';

/** The smallest machine that the default image runs in: emulated guests share the host's few cores. */
export const small = ['--vcpus', '1', '--memory', '192M'];

/** What the tests read of `dev up -d --json` and `ls --json`. */
export interface VmJson {
  name: string;
  status: string;
  pid: number;
  dir: string;
  problem: string | null;
}

/** A home whose VMs, and nobody else's, can be counted and ended. */
export interface VmHome extends Home {
  /** Boots the project's VM and returns what `--json` prints. Fails the test with mvmctl's own words. */
  up(...more: string[]): Promise<VmJson>;
  /** Runs a command in the VM. */
  exec(...argv: string[]): Promise<Result>;
  /** The command lines of the guest's processes that contain the text. */
  guestProcesses(text: string): Promise<string[]>;
  vms(): Promise<VmJson[]>;
  /** Process ids of the QEMUs that work in this home. */
  qemus(): number[];
  /** Ends what still runs and removes the home. */
  destroy(): void;
}

export function makeVmHome(): VmHome {
  return vmHome(makeHome({ sharedCache: testCache }));
}

/**
 * A home whose builds run in the builder VM that all files share (`builder-state.ts`): it is warm but for the first,
 * and what another file built is in its store. Tests that stop, kill or reset theirs give a state folder of their own.
 * Its VMs are in that folder, beside those of other homes, and are removed with it.
 */
export function makeBuilderHome(state = inject('builderState')): VmHome {
  const home = makeHome({ sharedCache: testCache, ownName: true });
  home.env.MVM_STATE_DIR = state;
  return vmHome(home, join(state, 'vms'));
}

/**
 * A home whose builds run in the builder's Nix on this machine (`native-nix.ts`); in the builder VM where that is not
 * possible. For tests of what a flake gives, not of how it is built.
 */
export async function makeNixHome(): Promise<VmHome> {
  const nix = await nativeNix();
  if (nix === undefined) return makeBuilderHome();
  const home = makeHome({ sharedCache: testCache, within: nix.within });
  Object.assign(home.env, { MVM_BUILDER: 'host', PATH: `${nix.bin}:${home.env.PATH}` });
  return vmHome(home);
}

/** @param shared the folder of its VMs and those of other homes, where they are not in the home */
function vmHome(home: Home, shared?: string): VmHome {
  const own = () => (shared === undefined ? [home.dir] : vmsOf(home, shared));
  const qemus = () => own().flatMap((dir) => qemusIn(`${dir}/`));
  return {
    ...home,
    qemus,
    async up(...more) {
      const result = await home.run(['dev', 'up', '-d', '--json', ...small, ...more]);
      expect(result, result.stderr).toMatchObject({ status: 0 });
      return JSON.parse(result.stdout) as VmJson;
    },
    exec: (...argv) => home.run(['exec', '--', ...argv]),
    async guestProcesses(text) {
      const { status, stdout } = await home.run(['exec', '--', 'ps', '-o', 'args']);
      expect(status).toBe(0);
      return stdout.split('\n').filter((line) => line.includes(text));
    },
    async vms() {
      type Listed = VmJson & { kind: string; project: string | null };
      const all = JSON.parse((await home.run(['ls', '--json'])).stdout) as Listed[];
      if (shared === undefined) return all.filter(({ kind }) => kind !== 'builder');
      return all.filter(({ kind, project }) => kind !== 'builder' && project?.startsWith(home.dir));
    },
    destroy() {
      for (const pid of qemus()) endProcess(pid);
      if (shared !== undefined) for (const dir of own()) rmSync(dir, { recursive: true, force: true });
      home.remove();
    },
  };
}

/** The folders of the VMs whose projects are in the home. */
function vmsOf(home: Home, folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => join(folder, name))
    .filter((dir) => {
      const record = join(dir, 'vm.json');
      return existsSync(record) && readFileSync(record, 'utf8').includes(home.dir);
    });
}
