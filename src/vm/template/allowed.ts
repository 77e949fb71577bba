import { parseMemory } from '../../config/amount.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Paths } from '../../state/paths.ts';

/** What templates may take on the disk, in bytes, unless the user says otherwise. */
const defaultBytes = 2 * 2 ** 30;

export interface Allowed {
  /** VMs may be resumed from templates. */
  use: boolean;
  /** Templates are made in the background. */
  make: boolean;
  /** What all of them may take, in bytes. */
  bytes: number;
}

/** Throws CONFIG_INVALID for a size or a word that is none. */
export async function allowedTemplates(
  paths: Pick<Paths, 'config'>,
  env: NodeJS.ProcessEnv,
): Promise<Allowed> {
  const word = env.MVM_TEMPLATES || 'on';
  if (!['on', 'use', 'off'].includes(word))
    throw new MvmError('CONFIG_INVALID', `MVM_TEMPLATES is '${word}', and must be on, use or off.`, {
      hint: 'unset MVM_TEMPLATES',
    });
  const none = { use: false, make: false, bytes: 0 };
  if (word === 'off') return none;
  const asked = (await readUserConfig(paths.config)).cache?.templates;
  if (asked === 'off') return none;
  return {
    use: true,
    make: word === 'on',
    bytes: asked === undefined ? defaultBytes : bytesOf(asked, paths),
  };
}

function bytesOf(text: string, { config }: Pick<Paths, 'config'>): number {
  try {
    return parseMemory(text) * 2 ** 20;
  } catch (cause) {
    throw new MvmError('CONFIG_INVALID', `${config}: cache.templates: '${text}' is neither a size nor off.`, {
      cause,
      hint: 'templates = "2G"',
    });
  }
}
