import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { writeError } from '../../errors/file-error.ts';
import { sharedFiles } from '../../ssh/files.ts';
import { addInclude, removeInclude, userConfig } from '../../ssh/include.ts';
import { ensureDir } from '../../state/write.ts';
import type { Context } from '../context.ts';
import { writeSharedConfig } from './ssh.ts';

/** ssh itself asks the user database for the home. */
function homeOf({ env, emit }: Context): string {
  const { homedir } = userInfo();
  const home = env.HOME || homedir;
  if (home !== homedir) {
    const text = `ssh reads ${userConfig(homedir)}, whatever HOME is; this is about ${userConfig(home)}.`;
    emit({ type: 'note', level: 'warn', text });
  }
  return home;
}

/** Throws STATE_WRITE, USAGE. */
export async function installSsh(context: Context): Promise<void> {
  const { paths, emit } = context;
  const config = userConfig(homeOf(context));
  await ensureDir(sharedFiles(paths.state).dir, 0o700);
  const shared = await writeSharedConfig(paths);
  const isNew = await addInclude(config, shared.config);
  const text = isNew
    ? `${config} includes ${shared.config}: connect with ssh mvm-NAME.`
    : `${config} includes ${shared.config} already; that is up to date.`;
  emit({ type: 'note', level: 'info', text });
}

/** Throws STATE_WRITE. */
export async function uninstallSsh(context: Context): Promise<void> {
  const shared = sharedFiles(context.paths.state);
  const config = userConfig(homeOf(context));
  const was = await removeInclude(config, shared.config);
  await rm(shared.config, { force: true }).catch((error: unknown) => {
    throw writeError(error, shared.config);
  });
  const text = was
    ? `${config} does not include ${shared.config} any more.`
    : `${config} does not include it.`;
  context.emit({ type: 'note', level: 'info', text });
}
