import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { GuardedTree } from '../../src/share/guard/guarded-tree.ts';
import { hostGitConfigs } from '../../src/share/guard/host-config.ts';
import { compileRules, type RuleSources } from '../../src/share/guard/rules.ts';
import { HostTree } from '../../src/share/tree/host-tree.ts';
import { Guest } from './guest.ts';

/** A project on the host that a guest sees, and a program that must never run on the host. */
export interface Project {
  root: string;
  home: string;
  guest: Guest;
  /** The text of a program that leaves a trace; `evil` in the project is one that the guest made. */
  canary: string;
  /** What was refused, as `what path`. */
  refused: string[];
  /** Runs a script in the project, as the host's user. */
  sh(script: string, cwd?: string): { status: number | null; stdout: string; stderr: string };
  /** Does on the host, in each folder of the project, what a user does with git; returns whether the canary ran. */
  ranOnHost(): boolean;
}

const daily = [
  'git status',
  'git log -1 -p',
  'git diff HEAD',
  'git fetch -q --all',
  'git add -A',
  'git -c user.name=h -c user.email=h@h commit -q --allow-empty -m host',
  'git rebase --continue',
  'git cherry-pick --continue',
  'git stash',
  'git submodule status',
  'git checkout -q -B host',
  'git push -q --dry-run',
];

/**
 * @param setup a script of the host's user, in the project, before the guest sees it
 * @param home the host user's ~/.gitconfig
 */
export function makeProject(setup = 'git init -q', rules: RuleSources = {}, home = ''): Project {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'share-')));
  const [root, homeDir, trace] = [join(dir, 'project'), join(dir, 'home'), join(dir, 'canary-ran')];
  mkdirSync(root);
  mkdirSync(homeDir);
  writeFileSync(join(homeDir, '.gitconfig'), `[user]\n\tname = h\n\temail = h@h\n${home}`);
  const env = {
    PATH: process.env.PATH,
    HOME: homeDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_EDITOR: 'true',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: 'false',
  };
  const sh: Project['sh'] = (script, cwd = root) =>
    spawnSync('sh', ['-c', script], { cwd, env, encoding: 'utf8', timeout: 30_000 });
  const made = sh(`set -e\n${setup}`);
  if (made.status !== 0) throw new Error(`the project could not be made: ${made.stderr}`);
  const refused: string[] = [];
  const host = new HostTree(root);
  const tree = new GuardedTree(host, {
    rules: compileRules(rules),
    root,
    guestRoot: '/work-of-guest',
    hostConfigs: hostGitConfigs(env),
    onRefused: (path, what) => refused.push(`${what} ${path.join('/')}`),
  });
  onTestFinished(() => {
    tree.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const canary = `#!/bin/sh\necho "$0 $PWD" >> '${trace}'\n`;
  return {
    root,
    home: homeDir,
    guest: new Guest(tree),
    canary,
    refused,
    sh,
    ranOnHost() {
      tree.stat([]);
      for (const folder of foldersOf(root)) sh(daily.map((one) => `timeout 10 ${one}`).join('\n'), folder);
      return existsSync(trace);
    },
  };
}

/** Those in which a user may be; not where git keeps objects. */
function foldersOf(root: string): string[] {
  const found = [root];
  for (const folder of found)
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (
        entry.isDirectory() &&
        !/^([0-9a-f]{2}|pack|heads|tags|logs|branches)$/.test(entry.name) &&
        found.length < 40
      )
        found.push(join(folder, entry.name));
  return found;
}
