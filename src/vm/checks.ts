import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { defaultBackend } from '../backend/registry.ts';
import { findMirror } from '../debian/mirror/mirror.ts';
import { fileError } from '../errors/file-error.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { checkFolder } from '../state/own-folders.ts';
import type { Paths } from '../state/paths.ts';
import { ensureDir } from '../state/write.ts';
import { makeRuntimeDir } from './boot/runtime-dir.ts';
import { conditionOf } from './condition/condition.ts';
import { bundledImage } from './images/default-image.ts';
import { listVms } from './state/list.ts';
import { type Architecture, ownArch } from './state/record.ts';
import type { Surroundings } from './surroundings.ts';

type CheckContext = Pick<Surroundings, 'paths' | 'env'>;

export interface Check {
  name: string;
  /** `warn`: works, but not as well as it could; `fail`: something will not work. */
  state: 'ok' | 'warn' | 'fail';
  text: string;
  /** Lines that say it piece by piece. */
  details?: readonly string[];
  /** A command that helps. */
  hint?: string;
}

/** What mvmctl needs of this host, each looked at and none changed (folders of its own are created). */
export async function checkHost(context: CheckContext): Promise<Check[]> {
  const own = ownArch();
  const other: Architecture = own === 'x86_64' ? 'aarch64' : 'x86_64';
  return [
    { name: 'node', state: 'ok', text: `Node ${process.versions.node}` },
    await guarded(`backend ${own}`, () => backend(own, context, 'fail')),
    await guarded(`backend ${other}`, () => backend(other, context, 'warn')),
    await guarded('image', () => imageSource(own, context)),
    await guarded('images', () => images(context.paths)),
    memory(),
    await guarded('state', () => folder('state', context.paths.state)),
    await guarded('cache', () => folder('cache', context.paths.cache)),
    await guarded('runtime', () => runtime(context)),
    await guarded('vms', () => vms(context.paths)),
  ];
}

async function guarded(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (thrown) {
    const error = fileError(thrown);
    if (!(error instanceof MvmError)) throw error;
    return {
      name,
      state: 'fail',
      text: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

async function backend(arch: Architecture, context: CheckContext, missing: 'warn' | 'fail'): Promise<Check> {
  const name = `backend ${arch}`;
  const probe = await defaultBackend.probe(arch, { cacheDir: context.paths.cache, env: context.env });
  if (!probe.available) return { name, state: missing, text: probe.reason, hint: probe.hint };
  const native = arch === (process.arch === 'arm64' ? 'aarch64' : 'x86_64');
  const state = probe.accelerator === 'tcg' && native ? 'warn' : 'ok';
  return { name, state, text: `QEMU ${probe.version} (${probe.binary}): ${probe.notice}` };
}

async function imageSource(arch: Architecture, context: CheckContext): Promise<Check> {
  const bundled = await bundledImage(arch);
  if (bundled !== undefined) return { name: 'image', state: 'ok', text: `in the package: ${bundled}` };
  const mirror = await findMirror({ env: context.env });
  return { name: 'image', state: 'ok', text: `assembled from Debian packages; mirror from ${mirror.source}` };
}

/** Every byte of the images, and not only what they look like, as at each start. */
async function images(paths: Paths): Promise<Check> {
  const { checkImages } = await import('./images/check.ts');
  const { count, damaged } = await checkImages(paths);
  if (damaged.length === 0) return { name: 'images', state: 'ok', text: `${count} in the cache, all intact` };
  const text = `${damaged.join(' ')} It will be rebuilt when it is needed.`;
  return { name: 'images', state: 'warn', text };
}

function memory(): Check {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const text = `${gib(freemem())} free of ${gib(totalmem())}`;
  if (freemem() >= 2 ** 30) return { name: 'memory', state: 'ok', text };
  return { name: 'memory', state: 'warn', text: `${text}; a VM takes 512 MiB unless you say otherwise` };
}

async function folder(name: string, path: string): Promise<Check> {
  checkFolder(path, name === 'cache' ? 'self or root' : 'self');
  await ensureDir(path, 0o700);
  await access(path, constants.W_OK);
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const text = `${path}, ${(free / 1e9).toFixed(1)} GB free`;
  if (free >= 1e9) return { name, state: 'ok', text };
  return { name, state: free < 2e8 ? 'fail' : 'warn', text, hint: `df -h ${path}` };
}

async function runtime(context: CheckContext): Promise<Check> {
  checkFolder(context.paths.runtime, 'self');
  const dir = await makeRuntimeDir(context.paths, 'doctor', context.env);
  return { name: 'runtime', state: 'ok', text: `sockets in ${dir.replace(/\/doctor$/, '')}` };
}

async function vms(paths: Paths): Promise<Check> {
  const all = await listVms(paths);
  const broken = all.filter((vm) => vm.problem !== undefined);
  if (broken.length === 0) {
    const conditions = await Promise.all(all.map((vm) => conditionOf(vm)));
    const running = conditions.filter(({ status }) => status !== 'stopped').length;
    const text = `${all.length} known, ${running} running`;
    const odd = conditions.flatMap(({ reason }, i) =>
      reason === undefined ? [] : [`${all[i]?.name} ${reason}`],
    );
    if (odd.length === 0) return { name: 'vms', state: 'ok', text };
    const hint = conditions.find((one) => one.hint !== undefined)?.hint;
    const but = `${text}; ${odd.join('; ')}`;
    return { name: 'vms', state: 'warn', text: but, ...(hint === undefined ? {} : { hint }) };
  }
  return {
    name: 'vms',
    state: 'fail',
    text: broken.map((vm) => `${vm.name}: ${vm.problem?.message}`).join('; '),
    hint: `mvmctl rm --force ${broken[0]?.name}`,
  };
}
