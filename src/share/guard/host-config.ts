import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseGitConfig } from './git-config.ts';

/** The texts of this host's own configuration of git, with what they include. What can't be read is left out. */
export function hostGitConfigs(env: NodeJS.ProcessEnv = process.env): string[] {
  const home = env.HOME ?? homedir();
  const files = [
    env.GIT_CONFIG_SYSTEM ?? '/etc/gitconfig',
    ...(env.GIT_CONFIG_GLOBAL === undefined
      ? [`${env.XDG_CONFIG_HOME ?? `${home}/.config`}/git/config`, `${home}/.gitconfig`]
      : [env.GIT_CONFIG_GLOBAL]),
  ];
  const texts = new Map<string, string>();
  for (let file = files.shift(); file !== undefined && texts.size < 50; file = files.shift()) {
    if (texts.has(file)) continue;
    try {
      const text = readFileSync(file, 'latin1');
      texts.set(file, text);
      for (const { section, name, value } of parseGitConfig(text.replaceAll('\r', '')) ?? [])
        if (section.startsWith('include') && name === 'path' && value !== undefined)
          files.push(resolve(dirname(file), value.replace(/^~(?=\/)/, home)));
    } catch {}
  }
  return [...texts.values()];
}
