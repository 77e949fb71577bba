import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchHome, tool } from './home.ts';
import { interleave, timeRun } from './measure.ts';
import type { Report } from './report.ts';

const transferBytes = 16 * 2 ** 20;

/** `ssh mvm-NAME true` against `mvmctl exec -- true`, once the server is there; and how much sftp carries. */
export async function benchSsh(home: BenchHome, report: Report, rounds: number): Promise<void> {
  await home.time(['dev', 'up', '-d', '--name', 'bench']);
  const config = join(home.dir, 'ssh.conf');
  writeFileSync(config, home.output(['ssh-config', 'bench']));
  const run = (argv: readonly string[]) => timeRun(argv, { cwd: home.dir, env: home.env });
  const ssh = (...argv: string[]) => run(['ssh', '-F', config, 'mvm-bench', ...argv]);
  const first = await ssh('true');
  const connections = await interleave(2 * rounds, {
    ssh: () => ssh('true'),
    exec: () => home.time(['exec', 'bench', '--', 'true']),
  });
  report.ratio('ssh mvm-NAME true, second time : exec -- true', connections, 'ssh', 'exec', 2.5);
  report.ratio('ssh mvm-NAME true, first time : second time', { ...connections, first }, 'first', 'ssh');

  mkdirSync(join(home.dir, 'back'), { recursive: true });
  writeFileSync(join(home.dir, 'file'), Buffer.alloc(transferBytes, 'sixteen bytes..\n'));
  const [name = '', ...args] = tool;
  const shell = (line: string) => run(['sh', '-c', line, name, ...args]);
  const remote = 'exec -i bench -- sh -c';
  const sftp = (...paths: string[]) => run(['scp', '-qF', config, ...paths]);
  const into = await interleave(Math.min(rounds, 3), {
    sftp: () => sftp('file', 'mvm-bench:file'),
    exec: () => shell(`"$0" "$@" ${remote} 'cat > other' < file`),
  });
  report.ratio('16 MiB into the guest by sftp : exec -i cat', into, 'sftp', 'exec');
  const out = await interleave(Math.min(rounds, 3), {
    sftp: () => sftp('mvm-bench:file', 'back/file'),
    exec: () => shell(`"$0" "$@" exec bench -- cat /root/file > back/other`),
  });
  report.ratio('16 MiB out of the guest by sftp : exec cat', out, 'sftp', 'exec');
  await home.time(['stop', '--force', 'bench']);
}
