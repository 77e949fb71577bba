import { MvmError } from '../../errors/mvm-error.ts';
import { contentDigest } from '../../project/fingerprint.ts';
import type { Source } from '../../project/source-entry.ts';
import { projectsDir } from '../../state/paths.ts';
import type { BootOptions } from '../../vm/boot/boot.ts';
import type { BuiltSource } from '../../vm/up/request.ts';

type Options = Pick<BootOptions, 'paths' | 'signal'>;

/** What to record about a source, to find out later what changed. Throws SOURCE_INVALID for one that is being edited. */
export async function describeSource(
  source: Source,
  readAt: Date,
  { paths, signal }: Options,
): Promise<BuiltSource> {
  const digest = await contentDigest(source, { cacheDir: projectsDir(paths), signal });
  return { digest, readAt: readAt.toISOString() };
}

/** Files that were edited during a build have no digest that says what it saw. */
export async function describeSettled(
  source: Source | undefined,
  readAt: Date,
  options: Options,
): Promise<{ source?: BuiltSource }> {
  if (source === undefined) return {};
  try {
    return { source: await describeSource(source, readAt, options) };
  } catch (error) {
    if (error instanceof MvmError && error.code === 'SOURCE_INVALID') return {};
    throw error;
  }
}
