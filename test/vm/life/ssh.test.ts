import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProcess } from '../../mvmctl.ts';
import { freePort, talk, upperCase } from '../half-closed.ts';
import { bringPrograms, type SshClient, sshClient } from '../ssh-client.ts';
import { openWindow } from '../terminal.ts';
import { endProcess, makeVmHome, small, type VmHome } from '../vm-home.ts';

let home: VmHome;
let ssh: SshClient;
const host = 'mvm-project';

/** What the paths in the configuration have to survive: ssh, its shell and the configuration each have quotes of their own. */
const oddFolder = `it's "100%" state`;

async function run(...argv: string[]): Promise<string> {
  const result = await home.run(argv);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  return result.stdout;
}

const state = (...path: string[]): string => join(home.dir, oddFolder, ...path);
const keys = (): string => readFileSync(state('vms/project/ssh/identity'), 'latin1');

function companionPid(): number {
  const run = join(home.dir, 'run');
  const [id = ''] = readdirSync(run);
  return Number(readlinkSync(join(run, id, 'comp.lock')).split(':')[0]);
}

beforeAll(async () => {
  home = makeVmHome();
  home.env.MVM_STATE_DIR = state();
  home.env.MVM_RUNTIME_DIR = join(home.dir, 'run');
  await run('ssh-config', '--install');
  await home.up();
  ssh = sshClient(home);
});
afterAll(() => home.destroy());

describe('ssh', () => {
  test('reaches a VM that was made after the configuration; a second connection finds the same server', async () => {
    expect(await ssh.output([host, 'hostname; pidof mvm-ssh'])).toMatch(/^project\n\d+\n$/);
    const [first, second] = [
      await ssh.output([host, 'pidof mvm-ssh']),
      await ssh.output([host, 'pidof mvm-ssh']),
    ];
    expect(first).toBe(second);
    expect(await ssh.output(['-l', '1000', host, 'id -u'])).toBe('1000\n');
    expect(await ssh.output([host, 'netstat -ltn | grep -c LISTEN || true'])).toBe('0\n');
  });

  test("passes on streams, status and the shell's words, with the environment of exec", async () => {
    const { status, stdout, stderr } = await ssh.run(
      [host, 'cat; echo "over there" >&2; exit 7'],
      'to the end',
    );
    expect([status, stdout, stderr]).toEqual([7, 'to the end', 'over there\n']);
    expect(await ssh.run([host, 'kill -KILL $$'])).toMatchObject({ status: 255 });
    const env = (text: string) =>
      text
        .split('\n')
        .filter((line) => !/^(_|SHLVL|PWD|COLORTERM)=/.test(line))
        .sort();
    expect(env(await ssh.output([host, 'env']))).toEqual(env(await run('exec', '--', 'sh', '-c', 'env')));
    expect(await ssh.output(['-o', 'SetEnv=COLORTERM=truecolor', host, 'echo $COLORTERM'])).toBe(
      'truecolor\n',
    );
    const large = Buffer.alloc(2 ** 20, 'x');
    expect((await ssh.run([host, 'cat'], large)).bytes.equals(large)).toBe(true);
  });

  test('gives a terminal the size of the window, also when that changes', async () => {
    const window = openWindow(home, ['ssh', ...ssh.flags, host], 30, 90);
    await window.shows(/[#$] $/m);
    // One answer at a time: the terminal's own, to the shell's question for its cursor, may be shown behind it.
    window.type('stty size\r');
    await window.shows('30 90');
    window.type('echo $TERM\r');
    await window.shows(/^xterm-256color/m);
    window.resize(20, 70);
    window.type('stty size\r');
    await window.shows('20 70');
    window.type('exit 5\r');
    expect(await window.exited).toBe(5);
  });

  test('leaves no process in the guest when it is killed, with a terminal and without', async () => {
    const plain = ssh.start([host, 'echo begun; sleep 4711']);
    const terminal = ssh.start(['-tt', host, 'echo begun; sleep 4711']);
    await Promise.all([plain.says('begun'), terminal.says('begun')]);
    expect((await home.guestProcesses('sleep 4711')).length).toBeGreaterThan(1);
    for (const one of [plain, terminal]) one.kill('SIGKILL');
    await expect.poll(() => home.guestProcesses('sleep 4711')).toEqual([]);
    // Nor on the host.
    await expect.poll(() => proxies()).toEqual([]);
  });

  test('lets twenty connect at once, more than the VM has channels', async () => {
    const all = Array.from({ length: 20 }, () => ssh.start([host, 'echo here; cat']));
    await Promise.all(all.map((one) => one.says('here')));
    for (const one of all) one.stdin.end();
    expect((await Promise.all(all.map(({ done }) => done))).map(({ status }) => status)).toEqual(
      Array(20).fill(0),
    );
  });

  test('as mvmctl ssh needs nothing installed', async () => {
    const { status, stdout } = await home.run(['ssh', '--', 'echo $((20 + 3)); exit 4']);
    expect([status, stdout]).toEqual([4, '23\n']);
    const without = await home.run(['ssh'], { env: { PATH: '/nonexistent' } });
    expect([without.status, without.stderr]).toEqual([
      1,
      expect.stringMatching(/no ssh client[\s\S]*openssh-client/),
    ]);
  });

  test('says of a VM that does not run what is to be done', async () => {
    const { status, stderr } = await ssh.run(['mvm-nobody', 'true']);
    expect([status, stderr]).toEqual([255, expect.stringContaining("There is no VM 'nobody'.")]);
  });

  test('comes back after its companion was killed', async () => {
    endProcess(companionPid());
    expect(await ssh.output([host, 'echo again'])).toBe('again\n');
  });
});

function proxies(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const line = readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
      return line.includes('ssh-proxy.cjs') && line.includes(home.dir);
    } catch {
      return false; // no process, or one that has ended
    }
  });
}

describe('keys', () => {
  const files = () => ({ identity: state('vms/project/ssh/identity'), config: join(home.dir, 'one.conf') });

  test('are private, and another key gets nobody in', async () => {
    const { identity, config } = files();
    expect(statSync(identity).mode & 0o777).toBe(0o600);
    expect(statSync(state('vms/project/ssh')).mode & 0o777).toBe(0o700);
    const other = join(home.dir, 'other');
    await ssh.program(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', other]);
    const own = await run('ssh-config', 'project');
    writeFileSync(config, own);
    expect(await sshClient(home, config).output([host, 'echo in'])).toBe('in\n');
    writeFileSync(config, own.replace(/IdentityFile .*/, `IdentityFile ${other}`));
    expect(await sshClient(home, config).run([host, 'true'])).toMatchObject({
      status: 255,
      stderr: expect.stringContaining('Permission denied (publickey)'),
    });
    const known = join(home.dir, 'known');
    writeFileSync(known, `* ${readFileSync(`${other}.pub`, 'utf8')}`);
    writeFileSync(config, own.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${known}`));
    expect(await sshClient(home, config).run([host, 'true'])).toMatchObject({ status: 255 });
  });
});

describe('files', () => {
  const tree = () => join(home.project, 'tree');
  beforeAll(async () => {
    mkdirSync(join(tree(), 'a b'), { recursive: true });
    writeFileSync(join(tree(), 'a b', 'ünïcode'), 'text\n');
    writeFileSync(join(tree(), 'tool'), '#!/bin/sh\necho run\n', { mode: 0o755 });
    writeFileSync(join(tree(), 'large'), Buffer.alloc(300_000, 'large '));
    await bringPrograms(home, {
      rsync: 'rsync',
      git: 'git',
      'git-upload-pack': 'git upload-pack',
      'git-receive-pack': 'git receive-pack',
    });
  });
  const same = async (one: string, other: string) =>
    expect(await ssh.program(['diff', '-r', one, other])).toMatchObject({ status: 0, stdout: '' });

  test('go both ways by scp, with their modes', async () => {
    const back = join(home.project, 'by-scp');
    expect(await ssh.program(['scp', ...ssh.flags, '-rpq', tree(), `${host}:by-scp`])).toMatchObject({
      status: 0,
    });
    expect(await ssh.output([host, './by-scp/tool'])).toBe('run\n');
    expect(await ssh.program(['scp', ...ssh.flags, '-rpq', `${host}:by-scp`, back])).toMatchObject({
      status: 0,
    });
    await same(tree(), back);
  });

  test('go both ways by sftp', async () => {
    const back = join(home.project, 'by-sftp');
    const batch = `put -R tree by-sftp\nget -R by-sftp by-sftp\nchmod 600 by-sftp/tool\nrename by-sftp/tool by-sftp/tool2\nls -l by-sftp\n`;
    const result = await ssh.program(['sftp', ...ssh.flags, '-q', '-b', '-', host], batch);
    expect(result, result.stderr).toMatchObject({ status: 0 });
    expect(result.stdout).toMatch(/-rw-------.*tool2/);
    await same(tree(), back);
  });

  test('go both ways by rsync', async () => {
    const back = join(home.project, 'by-rsync');
    const rsync = (...argv: string[]) =>
      ssh.program(['rsync', '-a', '-e', `ssh -F '${ssh.flags[1]}'`, ...argv]);
    for (const argv of [
      [`${tree()}/`, `${host}:by-rsync/`],
      [`${host}:by-rsync/`, `${back}/`],
    ]) {
      const result = await rsync(...argv);
      expect(result, result.stderr).toMatchObject({ status: 0 });
    }
    await same(tree(), back);
  });

  test('of a repository are cloned and pushed by git', async () => {
    await ssh.output([host, 'git init -q --bare repo']);
    const git = async (...argv: string[]) => {
      const result = await ssh.program(['git', '-C', home.project, ...argv]);
      expect(result, result.stderr).toMatchObject({ status: 0 });
    };
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main'];
    await git(...author, 'clone', '-q', `${host}:repo`, 'one');
    writeFileSync(join(home.project, 'one/file'), 'content\n');
    await git('-C', 'one', 'add', '.');
    await git('-C', 'one', ...author, 'commit', '-qm', 'first');
    await git('-C', 'one', 'push', '-q', 'origin', 'HEAD:main');
    await git('clone', '-q', '-b', 'main', `${host}:repo`, 'two');
    expect(readFileSync(join(home.project, 'two/file'), 'utf8')).toBe('content\n');
  });
});

describe('forwards', () => {
  const socket = (name: string): string => join(home.dir, name);

  test('of ports and of Unix sockets lead both ways', async () => {
    const [here, back] = [await freePort(), await upperCase({ port: 0, host: '127.0.0.1' })];
    await upperCase({ path: socket('back.sock') });
    // What comes back through the guest's port and socket has gone there first.
    const forwards = [
      ['-R', `7000:127.0.0.1:${back}`],
      ['-L', `127.0.0.1:${here}:localhost:7000`],
      ['-R', `/tmp/back.sock:${socket('back.sock')}`],
      ['-L', `${socket('here.sock')}:/tmp/back.sock`],
    ].flat();
    const held = ssh.start(['-o', 'ExitOnForwardFailure=yes', ...forwards, host, 'echo ready; cat']);
    await held.says('ready');
    expect(await talk({ port: here }, 'by port')).toBe('BY PORT');
    expect(await talk({ path: socket('here.sock') }, 'by socket')).toBe('BY SOCKET');
    expect(
      await Promise.all(Array.from({ length: 50 }, (_, i) => talk({ port: here }, `number ${i}`))),
    ).toEqual(Array.from({ length: 50 }, (_, i) => `NUMBER ${i}`));
    held.stdin.end();
    expect(await held.done).toMatchObject({ status: 0 });
    // Nothing of it is left in the guest.
    expect(await ssh.output([host, 'ls /tmp/back.sock 2>&1; netstat -ltn | grep -c 7000 || true'])).toMatch(
      /No such file[^\n]*\n0\n$/,
    );
  });
});

describe("the host's ssh-agent", () => {
  let agent: { socket: string; pid: number };
  const env = () => ({ ...ssh.env, SSH_AUTH_SOCK: agent.socket });
  beforeAll(async () => {
    const socket = join(home.dir, 'agent.sock');
    const { stdout } = await ssh.program(['ssh-agent', '-a', socket]);
    agent = { socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]) };
    const key = join(home.dir, 'agents-key');
    await ssh.program(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'held outside', '-f', key]);
    await ssh.program(['env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', key]);
    await bringPrograms(home, { 'ssh-add': 'ssh-add' });
  });
  afterAll(() => endProcess(agent.pid));

  test('is lent by ssh -A to what it runs, and to nothing after', async () => {
    const list = await runProcess(['ssh', ...ssh.flags, '-A', host, 'ssh-add -l'], { env: env() });
    expect(list, list.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('held outside') });
    expect(await ssh.output([host, 'echo "$SSH_AUTH_SOCK" /tmp/ssh-*'])).toBe(' /tmp/ssh-*\n');
  });

  test('is lent by exec --ssh-agent, to its user and as long as it runs', async () => {
    const exec = (...argv: string[]) => home.run(['exec', '--ssh-agent', ...argv], { env: env() });
    // More than wait at once.
    const many = 'for i in 1 2 3 4 5 6 7; do ssh-add -l & done; wait';
    const list = await exec('--', 'sh', '-c', many);
    expect(list.stdout.match(/held outside/g), list.stderr).toHaveLength(7);
    const other = await exec('-u', 'nobody', '--', 'sh', '-c', 'id -un; ls -l $SSH_AUTH_SOCK; ssh-add -l');
    expect(other.stdout, other.stderr).toMatch(/^nobody\nsrw-------.* nobody .*\n.*held outside/);
    await expect.poll(async () => (await home.exec('ls', '/run/mvm')).stdout).toBe('');
    const none = await home.run(['exec', '--ssh-agent', '--', 'true']);
    expect([none.status, none.stderr]).toEqual([
      2,
      expect.stringMatching(/SSH_AUTH_SOCK is not set[\s\S]*ssh-agent/),
    ]);
  });

  test('is lent by dev up --ssh-agent as long as the VM runs, to one that was removed and made again, with keys of its own', async () => {
    const before = keys();
    await run('rm', '--force', 'project');
    const up = await home.run(['dev', 'up', '-d', '--ssh-agent', ...small], { env: env() });
    expect(up, up.stderr).toMatchObject({ status: 0 });
    // Nothing is said of a host whose key has changed.
    const { status, stdout, stderr } = await ssh.run([host, 'echo anew']);
    expect([status, stdout, stderr]).toEqual([0, 'anew\n', '']);
    expect(keys()).not.toBe(before);
    await bringPrograms(home, { 'ssh-add': 'ssh-add' });
    const list = async () => (await home.exec('ssh-add', '-l')).stdout;
    expect(await list()).toContain('held outside');
    endProcess(companionPid());
    await home.run(['ls']);
    await expect.poll(list).toContain('held outside');
  });
});
