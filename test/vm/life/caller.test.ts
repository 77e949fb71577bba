import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { entry, runProcess } from '../../mvmctl.ts';
import { makeVmHome, small, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeEach(() => {
  home = makeVmHome();
});
afterEach(() => home.destroy());

test.runIf(process.platform === 'linux')('a VM holds no lock of the shell that started it', async () => {
  const lock = join(home.dir, 'held');
  const script = 'exec {fd}>"$1" 9>"$1.9" 50>"$1.50"; flock $fd; flock 9; flock 50; shift; "$@"';
  const up = [process.execPath, entry, 'dev', 'up', '-d', ...small];
  const options = { cwd: home.project, env: home.env };
  const result = await runProcess(['bash', '-c', script, '-', lock, ...up], options);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  const [pid] = home.qemus();
  expect(readdirSync(`/proc/${pid}/fd`).length).toBeGreaterThan(0);
  for (const path of [lock, `${lock}.9`, `${lock}.50`]) execFileSync('flock', ['--nonblock', path, 'true']);
});
