import { MvmError } from '../../errors/mvm-error.ts';
import type { Arch } from '../arch.ts';
import { digestOf } from '../digest.ts';
import { writeFolder } from '../write-folder.ts';
import { extractArm64Kernel } from './arm64.ts';
import type { KernelJson, PackageSource } from './json.ts';
import { baseModules, chooseModules, listedName, type ModuleChoice, modulesArchive } from './modules.ts';
import { extractX86Kernel } from './x86.ts';

/** A kernel bundle in memory; `writeKernelBundle` makes the folder that ARCHITECTURE.md describes. */
export interface KernelBundle {
  kernel: Buffer;
  modules: Buffer;
  json: KernelJson;
}

export interface KernelParts {
  arch: Arch;
  /** The kernel package's files by path: boot/vmlinuz-*, modules.builtin and all *.ko.xz. */
  files: ReadonlyMap<string, Buffer>;
  source: PackageSource;
  /** Which modules to carry; `baseModules` unless given. */
  modules?: ModuleChoice;
}

/** Which files of a Debian kernel package a bundle is made from. */
export const isKernelFile = (path: string): boolean =>
  /(^|\/)boot\/vmlinuz-[^/]+$|\/modules\.builtin$|\.ko(\.xz)?$/.test(path);

/** Makes a bundle from an unpacked kernel package. The same input gives the same bytes. Throws KERNEL_INVALID. */
export async function makeKernelBundle(parts: KernelParts): Promise<KernelBundle> {
  const { arch, files, source } = parts;
  const path = [...files.keys()].find((p) => /(^|\/)boot\/vmlinuz-[^/]+$/.test(p));
  const file = path === undefined ? undefined : files.get(path);
  if (path === undefined || file === undefined) {
    throw new MvmError('KERNEL_INVALID', `The package ${source.package} has no boot/vmlinuz file.`);
  }
  const name = `${path} of ${source.package}`;
  const kernel =
    arch === 'x86_64' ? await extractX86Kernel(file, name) : await extractArm64Kernel(file, name);
  const modules = await chooseModules(files, parts.modules ?? { base: baseModules }, source.package);
  const archive = modulesArchive(modules);
  return {
    kernel,
    modules: archive,
    json: {
      schema: 1,
      arch,
      version: path.slice(path.indexOf('vmlinuz-') + 'vmlinuz-'.length),
      source,
      commandLine: '',
      modules: modules.map(listedName),
      files: { kernel: digestOf(kernel), 'modules.cpio': digestOf(archive) },
    },
  };
}

/** Writes `kernel`, `modules.cpio` and `kernel.json` into the folder `dir`, all or nothing. Throws STATE_WRITE. */
export async function writeKernelBundle(bundle: KernelBundle, dir: string): Promise<void> {
  await writeFolder(dir, {
    kernel: bundle.kernel,
    'modules.cpio': bundle.modules,
    'kernel.json': Buffer.from(`${JSON.stringify(bundle.json, null, 2)}\n`),
  });
}
