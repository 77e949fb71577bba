import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../errors/mvm-error.ts';
import { compileRules, type Rules } from './guard/rules.ts';
import type { Share } from './share.ts';

/** Names that are not there for the guest, beside `[dev] hide`; as .gitignore has them. */
const ignoreFile = '.mvmignore';

/** Throws CONFIG_INVALID for patterns that are none, with all of them. */
export function rulesOf({
  host,
  protect = [],
  unprotect = [],
  hide = [],
}: Omit<Share, 'guest' | 'mode'>): Rules {
  const path = join(host, ignoreFile);
  const text = readIgnore(path);
  return compileRules({ protect, unprotect, hide, ignore: text === undefined ? undefined : { path, text } });
}

function readIgnore(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
