import { MvmError } from '../../errors/mvm-error.ts';
import { hostBuildsDir } from '../../state/paths.ts';
import type { BootOptions } from '../../vm/boot/boot.ts';
import { discardStore, endSilentBuilder, ensureBuilder } from '../machine/lifecycle.ts';
import { takeTurn } from '../machine/queue.ts';
import type { BuilderKind } from './kind.ts';
import type { NixPlace } from './place.ts';
import { vmPlace } from './vm.ts';

/** Makes good what kept the builder from its work, so that another try is worth it. */
async function mend(error: MvmError, options: BootOptions): Promise<boolean> {
  if (error.code === 'GUEST_SILENT') return endSilentBuilder(options);
  if (error.code !== 'STORE_DAMAGED') return false;
  options.emit({ type: 'debug', text: `${error.message} ${error.details.join('\n')}` });
  await discardStore(error.details, options);
  return true;
}

/**
 * Runs `work` where Nix is: in the builder VM, made ready and free of other builds, or on the host. Where it shows
 * that the builder's store is damaged, the store is recreated and `work` run again.
 * @param what is built, for the messages of commands that wait
 */
export async function withPlace<T>(
  kind: BuilderKind,
  what: string,
  options: BootOptions,
  work: (place: NixPlace) => Promise<T>,
): Promise<T> {
  const { paths, env, emit, signal } = options;
  if (kind === 'vm') {
    const build = async () => work(vmPlace(await ensureBuilder(options), options));
    return takeTurn({ paths, emit, signal, what }, async () => {
      try {
        return await build();
      } catch (error) {
        if (!(error instanceof MvmError && (await mend(error, options)))) throw error;
        return build();
      }
    });
  }
  const { hostPlace } = await import('./host.ts');
  const place = await hostPlace({ env, dir: hostBuildsDir(paths), signal });
  try {
    return await work(place);
  } finally {
    await place.dispose();
  }
}
