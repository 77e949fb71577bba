import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestProgram } from '../guest-program.ts';
import { isRunning, makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
const here = (...names: string[]): string => join(home.project, ...names);

/** Runs a script in the VM and gives what it prints. */
async function sh(script: string): Promise<string> {
  const result = await home.exec('sh', '-c', script);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  return result.stdout;
}

function companionPid(): number {
  const run = join(home.dir, '.local/state/mvm/run');
  const [id = ''] = readdirSync(run);
  return Number(readlinkSync(join(run, id, 'comp.lock')).split(':')[0]);
}

beforeAll(async () => {
  home = makeVmHome();
  writeFileSync(here('mvm.toml'), 'name = "shared"\n');
  writeFileSync(here('made-here'), 'from the host\n');
  mkdirSync(join(home.dir, 'data'));
  writeFileSync(join(home.dir, 'data', 'fact'), 'read only\n');
  const up = await home.run([
    'dev',
    'up',
    '-d',
    '--vcpus',
    '1',
    '--memory',
    '192M',
    '--mount',
    '../data:/data:ro',
  ]);
  expect(up, up.stderr).toMatchObject({ status: 0 });
  expect(up.stderr).toContain(`${home.project} is at /work (what is written there is written here).`);
  expect(up.stderr).toContain(`${join(home.dir, 'data')} is at /data (read-only).`);
});
afterAll(() => home?.destroy());

describe('a project in its dev VM', () => {
  test('is where commands begin, and each side sees what the other writes', async () => {
    expect(await sh('pwd; cat made-here')).toBe('/work\nfrom the host\n');
    await sh('mkdir -p a/b && echo from the guest > a/b/made-there && ln -s made-here link');
    expect(readFileSync(here('a/b/made-there'), 'utf8')).toBe('from the guest\n');
    expect(readlinkSync(here('link'))).toBe('made-here');
    writeFileSync(here('made-here'), 'changed, and longer than before\n');
    expect(await sh('cat link')).toBe('changed, and longer than before\n');
    // As editors save: another file takes the name.
    writeFileSync(here('.new'), 'replaced\n');
    renameSync(here('.new'), here('made-here'));
    rmSync(here('a/b/made-there'));
    expect(await sh('cat made-here; ls a/b')).toBe('replaced\n');
  });

  test('what is shown read-only stays as it is', async () => {
    const result = await home.exec('sh', '-c', 'cat /data/fact; echo x > /data/fact');
    expect(result).toMatchObject({ status: 1, stdout: 'read only\n' });
    expect(result.stderr).toContain('Read-only file system');
    expect(readFileSync(join(home.dir, 'data', 'fact'), 'utf8')).toBe('read only\n');
  });

  test('a large file keeps each of its bytes, both ways', async () => {
    const bytes = Buffer.alloc(9_000_001);
    for (let at = 0; at + 4 < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
    writeFileSync(here('large'), bytes);
    await sh('cp large copy && cmp large copy && truncate -s 5000000 large');
    expect(readFileSync(here('copy')).equals(bytes)).toBe(true);
    expect(readFileSync(here('large')).equals(bytes.subarray(0, 5_000_000))).toBe(true);
  });

  test('watchers in the VM see a save on the host', async () => {
    mkdirSync(here('src'));
    writeFileSync(here('src', 'old'), '1');
    const put = await home.run(['exec', '-i', '--', 'sh', '-c', 'cat > /tmp/watch && chmod +x /tmp/watch'], {
      input: guestProgram('watch-files'),
    });
    expect(put, put.stderr).toMatchObject({ status: 0 });
    const watcher = home.start(['exec', '--', '/tmp/watch', '/work/src']);
    await watcher.says('watching');
    await sh('ls src');
    writeFileSync(here('src', 'old'), '22');
    await watcher.says('close_write old');
    writeFileSync(here('src', 'new'), '');
    await watcher.says('create new');
    writeFileSync(here('src', '.tmp'), '333');
    renameSync(here('src', '.tmp'), here('src', 'old'));
    await watcher.says('delete old');
    rmSync(here('src', 'new'));
    await watcher.says('delete new');
    watcher.kill('SIGTERM');
    await watcher.done;
    expect(readFileSync(here('src', 'old'), 'utf8')).toBe('333');
  });

  test('a companion that is killed while the VM writes is followed by another, and no line is lost', async () => {
    const lines = 400;
    const script = `exec >log; i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; done; mkdir made; rmdir made`;
    const writing = home.start(['exec', '--', 'sh', '-c', `${script}; echo over > over`]);
    for (let kills = 0; kills < 4; kills++) {
      await expect.poll(() => existsSync(here('log')), { timeout: 20_000 }).toBe(true);
      await delay(150);
      const pid = companionPid();
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => isRunning(pid)).toBe(false);
      // Whoever comes next starts another.
      await sh('true');
    }
    const result = await writing.done;
    expect(result, result.stderr).toMatchObject({ status: 0 });
    const expected = Array.from({ length: lines }, (_, i) => `${i + 1}\n`).join('');
    expect(readFileSync(here('log'), 'utf8')).toBe(expected);
    expect(existsSync(here('over'))).toBe(true);
    expect(existsSync(here('made'))).toBe(false);
  });

  test('a stop while the companion is dead is a stop', async () => {
    process.kill(companionPid(), 'SIGKILL');
    const down = await home.run(['dev', 'down']);
    expect(down, down.stderr).toMatchObject({ status: 0 });
    expect(home.qemus()).toEqual([]);
  });
});

describe('mvmctl run', () => {
  test('runs one command over the project, and leaves nothing behind', async () => {
    const result = await home.run([
      ...['run', '--vcpus', '1', '--memory', '192M', '--mount', '.:rw', '--'],
      ...['sh', '-c', 'pwd; echo to stderr >&2; echo made > by-run; exit 7'],
    ]);
    expect(result, result.stderr).toMatchObject({ status: 7, stdout: '/work\n' });
    expect(result.stderr).toContain('to stderr');
    expect(readFileSync(here('by-run'), 'utf8')).toBe('made\n');
    expect((await home.vms()).map(({ name }) => name)).toEqual(['shared']);
    expect(home.qemus()).toEqual([]);
  });

  test('is gone when it is killed', async () => {
    const run = home.start([
      'run',
      '--vcpus',
      '1',
      '--memory',
      '192M',
      '--no-mount',
      '--',
      'sh',
      '-c',
      'echo begun; sleep 1000',
    ]);
    await run.says('begun');
    run.kill('SIGKILL');
    await run.done;
    await expect.poll(() => home.qemus(), { timeout: 30_000 }).toEqual([]);
    expect((await home.vms()).map(({ name }) => name)).toEqual(['shared']);
  });
});
