import { decompressXz } from '../../debian/xz.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { packCpio } from '../format/cpio.ts';
import { elfSection, readElf } from '../format/elf.ts';

/** What the root needs. The agent begins to load the first two before Go runs: guest/cmd/mvm-init/early.go names them. */
const rootModules: readonly string[] = ['virtio_blk', 'overlay'];

/**
 * What every VM needs and Debian's cloud kernel has as a module; loaded in this order, each after what it
 * depends on: the disk is awaited first, the network last. Every module costs boot time under emulation.
 */
export const baseModules: readonly string[] = [...rootModules, 'virtio_net'];

/**
 * What a bundle carries. The agent loads `base` at each boot, and a group only where the boot needs it: of
 * `verity`, loading costs what a tenth of the whole boot does.
 */
export interface ModuleChoice {
  base: readonly string[];
  /** For a root that is verified. */
  verity?: readonly string[];
}

/** For images with a root file system of their own. */
export const libraryModules: ModuleChoice = {
  base: [...rootModules, 'erofs', 'virtio_net'],
  verity: ['dm-verity'],
};

export interface KernelModule {
  name: string;
  /** Loaded only where the boot needs the group. */
  group?: 'verity';
  bytes: Buffer;
}

/** A kernel package's files below `modules/<version>/`, by any path that ends as theirs. */
export type ModuleFiles = ReadonlyMap<string, Buffer>;

/** "-" and "_" mean the same in the name of a module. */
const normal = (name: string): string => name.replaceAll('-', '_');

const nameOf = (path: string): string | undefined => {
  const match = /(?:^|\/)([^/]+)\.ko(?:\.xz)?$/.exec(path);
  return match?.[1] === undefined ? undefined : normal(match[1]);
};

/**
 * The wanted modules and all that they depend on, each behind its dependencies, uncompressed and without
 * signatures. Modules built into the kernel are left out. Throws KERNEL_INVALID where one is missing.
 */
export async function selectModules(
  files: ModuleFiles,
  wanted: readonly string[],
  packageName: string,
): Promise<KernelModule[]> {
  const paths = new Map<string, string>();
  const builtin = new Set<string>();
  for (const [path, bytes] of files) {
    const name = nameOf(path);
    if (name !== undefined) paths.set(name, path);
    if (!path.endsWith('modules.builtin')) continue;
    for (const line of bytes.toString('utf8').split('\n')) builtin.add(nameOf(line) ?? '');
  }
  const chosen = new Map<string, KernelModule>();
  const visit = async (name: string, neededBy: string): Promise<void> => {
    if (builtin.has(name) || chosen.has(name)) return;
    const path = paths.get(name);
    const file = path === undefined ? undefined : files.get(path);
    if (path === undefined || file === undefined) {
      throw new MvmError(
        'KERNEL_INVALID',
        `The module ${name}, which ${neededBy} needs, is not in ${packageName}.`,
      );
    }
    const bytes = withoutSignature(path.endsWith('.xz') ? await decompress(file, path) : file);
    for (const dependency of dependencies(bytes, path)) await visit(normal(dependency), name);
    chosen.set(name, { name, bytes });
  };
  for (const name of wanted) await visit(normal(name), 'every VM');
  return [...chosen.values()];
}

async function decompress(file: Buffer, path: string): Promise<Buffer> {
  try {
    return await decompressXz(file, path);
  } catch (cause) {
    throw new MvmError('KERNEL_INVALID', `The kernel module ${path} is damaged: it does not decompress.`, {
      cause,
    });
  }
}

/** `depends=` in the module's .modinfo section, a list of NUL-ended "key=value". Throws KERNEL_INVALID. */
export function dependencies(module: Buffer, path: string): string[] {
  const elf = readElf(module);
  const info = elf && elfSection(elf, '.modinfo')?.toString('latin1').split('\0');
  if (info === undefined) throw new MvmError('KERNEL_INVALID', `${path} is not a kernel module.`);
  const line = info.find((entry) => entry.startsWith('depends=')) ?? 'depends=';
  return line.slice('depends='.length).split(',').filter(Boolean);
}

const SIGNATURE_MAGIC = '~Module signature appended~\n';

/**
 * The module without its signature (include/linux/module_signature.h: lengths, then the magic, at the very
 * end). Debian's kernel doesn't enforce signatures, and checking one costs an RSA operation per module.
 */
export function withoutSignature(module: Buffer): Buffer {
  const magicAt = module.length - SIGNATURE_MAGIC.length;
  if (magicAt < 12 || module.toString('latin1', magicAt) !== SIGNATURE_MAGIC) return module;
  const info = magicAt - 12;
  const length = (module[info + 3] ?? 0) + (module[info + 4] ?? 0) + module.readUInt32BE(info + 8);
  return module.subarray(0, Math.max(0, info - length));
}

/** The modules of a bundle in their order of loading; a group has none that the base has. Throws KERNEL_INVALID. */
export async function chooseModules(
  files: ModuleFiles,
  { base, verity }: ModuleChoice,
  packageName: string,
): Promise<KernelModule[]> {
  const always = await selectModules(files, base, packageName);
  if (verity === undefined) return always;
  const there = new Set(always.map(({ name }) => name));
  const more = await selectModules(files, verity, packageName);
  return [
    ...always,
    ...more.filter(({ name }) => !there.has(name)).map((module) => ({ ...module, group: 'verity' as const })),
  ];
}

/** A module's name in kernel.json, with its group in front: `verity/dm_mod`. */
export const listedName = ({ group, name }: KernelModule): string =>
  group === undefined ? name : `${group}/${name}`;

/**
 * The modules as the agent finds them: /mvm/modules/NN-name.ko, loaded in the order of their names, and
 * /mvm/modules/<group>/NN-name.ko.
 */
export function modulesArchive(modules: readonly KernelModule[]): Buffer {
  return packCpio(
    modules.map(({ name, group, bytes }, i) => ({
      type: 'file',
      path: `mvm/modules/${group === undefined ? '' : `${group}/`}${String(i).padStart(2, '0')}-${name}.ko`,
      data: bytes,
    })),
  );
}
