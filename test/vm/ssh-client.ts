import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { type Result, type Running, runProcess, startProcess } from '../mvmctl.ts';
import type { VmHome } from './vm-home.ts';

/** Stock OpenSSH with the configuration that `ssh-config --install` made in a home. (ssh itself does not ask HOME.) */
export interface SshClient {
  /** `-F CONFIG`, for programs that start ssh. */
  flags: string[];
  /** The environment that programs need which start ssh themselves. */
  env: NodeJS.ProcessEnv;
  run(argv: readonly string[], input?: string | Buffer): Promise<Result>;
  start(argv: readonly string[]): Running;
  /** A command of ssh's that has to end with 0: its output. */
  output(argv: readonly string[]): Promise<string>;
  /** Another program of OpenSSH's, or one that starts it. */
  program(argv: readonly string[], input?: string): Promise<Result>;
}

export function sshClient(home: VmHome, config = join(home.dir, '.ssh/config')): SshClient {
  const flags = ['-F', config];
  const env = { ...home.env, GIT_SSH_COMMAND: `ssh -F '${config}'` };
  const options = { cwd: home.project, env };
  const run = (argv: readonly string[], input: string | Buffer = '') =>
    runProcess(['ssh', ...flags, ...argv], { ...options, input });
  return {
    flags,
    env,
    run,
    start: (argv) => startProcess(['ssh', ...flags, ...argv], options),
    async output(argv) {
      const result = await run(argv);
      expect(result, result.stderr).toMatchObject({ status: 0 });
      return result.stdout;
    },
    program: (argv, input = '') => runProcess(argv, { ...options, input }),
  };
}

/**
 * Puts programs of this host into the VM, with the libraries that they need, under names that they are to have there. The
 * default image has neither rsync nor git, and one that has them would have to be built.
 */
export async function bringPrograms(home: VmHome, programs: Readonly<Record<string, string>>): Promise<void> {
  const dir = join(home.dir, 'brought');
  mkdirSync(join(dir, 'lib'), { recursive: true });
  for (const [name, command] of Object.entries(programs)) {
    const [program = '', ...args] = command.split(' ');
    const file = execFileSync('sh', ['-c', `readlink -f "$(command -v ${program})"`], {
      encoding: 'utf8',
    }).trim();
    const needed = execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
    const libraries = [...needed].map(([, path = '']) => path);
    for (const path of [file, ...libraries]) copyFileSync(path, join(dir, 'lib', basename(path)));
    const loader = libraries.find((path) => basename(path).startsWith('ld-')) ?? '';
    const words = [
      `/opt/lib/${basename(loader)}`,
      '--library-path',
      '/opt/lib',
      `/opt/lib/${basename(file)}`,
      ...args,
    ];
    writeFileSync(join(dir, name), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  }
  const names = Object.keys(programs);
  const tar = execFileSync('tar', ['-c', '-C', dir, 'lib', ...names], { maxBuffer: 1 << 28 });
  const unpack = `mkdir -p /opt && tar x -C /opt && for n in ${names.join(' ')}; do mv /opt/$n /usr/bin/; done`;
  const result = await home.run(['exec', '-i', '--', 'sh', '-c', unpack], { input: tar });
  expect(result, result.stderr).toMatchObject({ status: 0 });
}
