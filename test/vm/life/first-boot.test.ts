import { lookup, resolve4 } from 'node:dns/promises';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMirror } from '../../../src/debian/mirror/mirror.ts';
import { readCpio } from '../../../src/image/format/cpio-read.ts';
import { readElf } from '../../../src/image/format/elf.ts';
import { readGoFunctions } from '../../../src/image/format/go-binary/functions.ts';
import { poolPorts } from '../../../src/vm/boot/plan.ts';
import { makeVmHome, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
let first: VmJson;
beforeAll(async () => {
  home = makeVmHome();
  first = await home.up();
});
afterAll(() => home.destroy());

describe('a running VM', () => {
  test('is described by dev up, ls, inspect and dev status alike', async () => {
    expect(first).toMatchObject({
      name: 'project',
      status: 'running',
      project: home.project,
      default: true,
      arch: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
      vcpus: 1,
      memoryMib: 192,
      accelerator: expect.stringMatching(/^(kvm|tcg|hvf)$/),
      pid: home.qemus()[0],
      bootMs: expect.any(Number),
      problem: null,
    });
    expect(await home.vms()).toEqual([first]);
    expect(JSON.parse((await home.run(['dev', 'status', '--json'])).stdout)).toEqual(first);
    const inspected = JSON.parse((await home.run(['inspect', '--json'])).stdout);
    expect(inspected).toMatchObject({
      ...first,
      boot: { ports: poolPorts, readyAt: expect.any(String) },
      guest: { hostname: 'project', agentRssKib: expect.any(Number), sessions: [] },
    });
    expect(JSON.stringify(inspected)).not.toContain(bootKey());
  });

  test('keeps its channel key from everybody else and off every command line', () => {
    expect(readFileSync(`/proc/${first.pid}/cmdline`, 'utf8')).not.toContain(bootKey());
  });

  test('has an agent that begins to load the first modules before Go runs', async () => {
    const { boot } = JSON.parse((await home.run(['inspect', '--json'])).stdout) as {
      boot: { image: string };
    };
    const files = readCpio(readFileSync(join(boot.image, 'initrd')));
    const modules = files.flatMap(({ path }) => (/^mvm\/modules\/[^/]+\.ko$/.test(path) ? [`/${path}`] : []));
    const agent = files.find(({ path }) => path === 'init')?.data ?? Buffer.alloc(0);
    const early = [...agent.toString('latin1').matchAll(/\/mvm\/modules\/\d\d-\w+\.ko(?=\0)/g)].map(String);
    expect(early).toEqual(modules.sort().slice(0, 2));
    const elf = readElf(agent);
    expect(elf && readGoFunctions(elf)).toMatchObject({ entry: 'main.start' });
    // Who did that is no zombie.
    const { stdout } = await home.exec('sh', '-c', 'cat /proc/[0-9]*/stat');
    expect(stdout).not.toMatch(/\) Z /);
  });

  test('has an agent of at most 12 MB', async () => {
    const { guest } = JSON.parse((await home.run(['inspect', '--json'])).stdout) as {
      guest: { agentRssKib: number };
    };
    expect(guest.agentRssKib).toBeLessThanOrEqual(12_000);
  });

  test('logs what is said on its console, and follows it until Ctrl-C', async () => {
    await home.exec('sh', '-c', 'echo said before >/dev/console');
    const { status, stdout } = await home.run(['logs']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('said before')]);
    const running = home.start(['logs', '-f']);
    await running.says('said before');
    await home.exec('sh', '-c', 'echo said later >/dev/console');
    await running.says('said later');
    running.kill('SIGINT');
    expect((await running.done).stderr).toBe('');
  });

  test('is what a second dev up finds, unchanged', async () => {
    const again = await home.run(['dev', 'up', '-d', '--json']);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(first);
  });

  test.each([
    [['--vcpus', '2'], 'it has 1 vCPU'],
    [['--memory', '256M'], 'it has 192 MiB of memory'],
    [['--reset'], 'its disk is in use'],
  ])('refuses dev up %j in words', async (flags, words) => {
    const { status, stdout, stderr } = await home.run(['dev', 'up', '-d', ...flags]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`error: VM 'project' is running and can't be changed now: ${words}.`);
    expect(stderr).toContain('the same command with --restart');
  });

  test('is not removed without --force', async () => {
    const { status, stderr } = await home.run(['rm', 'project']);
    expect(status).toBe(1);
    expect(stderr).toContain("VM 'project' is running");
  });

  test('has the hour of the host', async () => {
    const guest = Number((await home.exec('date', '+%s')).stdout);
    expect(Math.abs(guest - Date.now() / 1000)).toBeLessThan(30);
  });
});

describe('the network of a guest', () => {
  test('reaches the host by HTTP', async () => {
    const body = 'x'.repeat(1_000_000);
    const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const got = await home.exec('wget', '-q', '-O', '-', `http://10.0.2.2:${port}/file`);
      expect(got).toMatchObject({ status: 0, stderr: '' });
      expect(got.stdout === body).toBe(true);
    } finally {
      server.close();
    }
  });

  test('knows names, where the host does', async ({ skip }) => {
    const name = await findMirror({ env: process.env }).then(
      ({ url }) => new URL(url).hostname,
      () => undefined,
    );
    const known =
      name !== undefined && (await resolve4(name).catch(() => lookup(name).catch(() => undefined)));
    if (!name || !Array.isArray(known))
      return skip('this host has no resolver for the mirror of its packages');
    const answer = await home.exec('nslookup', name);
    expect(answer.stdout).toContain(known[0]);
  });
});

describe("the default image's tools", () => {
  test.each([
    'vi',
    'less',
    'top',
    'wget',
    'tar',
    'awk',
    'find',
    'ip',
    'free',
    'ping',
  ])('%s is there', async (tool) => {
    expect((await home.exec('which', tool)).stdout).toMatch(/^\//);
  });

  test('the file system is writable and has room', async () => {
    const { stdout } = await home.exec(
      'sh',
      '-c',
      'df -m / | tail -1; echo x >/usr/bin/x && rm /usr/bin/x && echo ok',
    );
    expect(stdout).toMatch(/ok\n$/);
    expect(Number(stdout.trim().split(/\s+/)[3])).toBeGreaterThan(10_000);
  });

  test('no error of the boot stands in the console log', async () => {
    const { stdout } = await home.run(['logs']);
    expect(stdout).not.toMatch(/mvm: .*(failed|error)|Kernel panic|Call Trace/i);
  });
});

describe('down and up', () => {
  test('what was written stays over dev down and dev up, and --reset forgets it', async () => {
    await home.exec('sh', '-c', 'echo kept >/root/file; echo new >/etc/motd; rm /etc/issue');
    const down = await home.run(['dev', 'down']);
    expect(down).toMatchObject({ status: 0 });
    expect(down.stderr).not.toContain('was ended');
    expect(home.qemus()).toEqual([]);
    expect(await home.vms()).toMatchObject([{ status: 'stopped', pid: null, vcpus: 1, memoryMib: 192 }]);

    const second = await home.up();
    expect(second.pid).not.toBe(first.pid);
    const kept = await home.exec('sh', '-c', 'cat /root/file /etc/motd; ls /etc/issue');
    expect(kept.stdout).toBe('kept\nnew\n');
    expect(kept.status).not.toBe(0);

    expect((await home.run(['stop', 'project'])).status).toBe(0);
    await home.up('--reset');
    const reset = await home.exec('sh', '-c', 'cat /root/file; ls /etc/issue');
    expect(reset).toMatchObject({ status: 0, stdout: '/etc/issue\n' });
  });

  test('the sizes that were asked for once are remembered, and new ones are taken', async () => {
    const memory = async () =>
      Number((await home.exec('awk', '/MemTotal/ {print $2}', '/proc/meminfo')).stdout);
    const before = await memory();
    await home.run(['dev', 'down']);
    const grown = await home.run(['dev', 'up', '-d', '--json', '--memory', '224M']);
    expect(JSON.parse(grown.stdout)).toMatchObject({ vcpus: 1, memoryMib: 224 });
    expect(((await memory()) - before) / 1024).toBeGreaterThan(30);
  });

  test('poweroff in the guest stops the VM', async () => {
    await home.exec('poweroff');
    await expect.poll(() => home.qemus(), { timeout: 30_000 }).toEqual([]);
    expect(await home.vms()).toMatchObject([{ status: 'stopped' }]);
    const { status, stderr } = await home.exec('true');
    expect(status).toBe(1);
    expect(stderr).toContain("VM 'project' is stopped");
  });

  test('rm removes the VM and all that it left', async () => {
    expect(await home.run(['rm', 'project'])).toMatchObject({ status: 0 });
    expect(await home.vms()).toEqual([]);
    expect(readdirSync(join(home.dir, '.local/state/mvm/vms'))).toEqual([]);
    expect(readdirSync(join(home.dir, '.local/state/mvm/run'))).toEqual([]);
  });
});

function bootKey(): string {
  return (JSON.parse(readFileSync(join(first.dir, 'boot.json'), 'utf8')) as { key: string }).key;
}
