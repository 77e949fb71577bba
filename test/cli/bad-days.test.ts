import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeProgram, fakeQemu } from '../fakes/qemu.ts';
import { entry, type Home, makeHome, runProcess } from '../mvmctl.ts';

let home: Home;
let bin: string;
beforeEach(() => {
  home = makeHome();
  bin = join(home.dir, 'bin');
  mkdirSync(bin);
});
afterEach(() => home.remove());

const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const override = `MVM_QEMU_${arch.toUpperCase()}`;
const root = process.getuid?.() === 0;
/** A package that carries its own image asks no mirror. */
const carriesImage = existsSync(join(entry, '../../images', arch, 'image.json'));

/** `dev up -d` where nothing is on PATH but what the test put there. */
const up = (env: NodeJS.ProcessEnv = {}) => home.run(['dev', 'up', '-d'], { env: { PATH: bin, ...env } });

function isOneError(stderr: string): void {
  expect(stderr).not.toContain('bug:');
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
}

describe('QEMU', () => {
  test('missing: the error says what to install', async () => {
    const { status, stdout, stderr } = await up();
    expect([status, stdout]).toEqual([1, '']);
    isOneError(stderr);
    expect(stderr).toContain(`qemu-system-${arch} is not installed (not on PATH)`);
    expect(stderr).toContain(`→ Install QEMU (qemu-system-${arch})`);
  });

  test("missing: the hint is the one command of the host's package manager", async () => {
    fakeProgram(bin, 'dnf', 'exit 1');
    expect((await up()).stderr).toMatch(
      new RegExp(`→ ${root ? '' : 'sudo '}dnf install -y qemu-system-\\S+\\n`),
    );
  });

  test.runIf(root)("missing, and apt fails: apt's last words are shown", async () => {
    fakeProgram(bin, 'apt-get', 'echo "E: Unable to fetch some archives" >&2; exit 100');
    const { status, stderr } = await up();
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain('Installing QEMU failed');
    expect(stderr).toContain('E: Unable to fetch some archives');
  });

  test('named by the environment, but not there: said so, and nothing is installed for it', async () => {
    fakeProgram(bin, 'apt-get', `echo called >"${home.dir}/apt-was-called"; exit 100`);
    const { status, stderr } = await up({ [override]: '/no/such/qemu' });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain(`${override} names /no/such/qemu, which is not an executable file`);
    expect(stderr).toContain(`unset ${override}`);
    expect(existsSync(join(home.dir, 'apt-was-called'))).toBe(false);
  });

  test('too old: both versions are named', async () => {
    const { status, stderr } = await up({ [override]: fakeQemu(join(home.dir, 'old'), 'exit 1', '4.2.1') });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toMatch(/is QEMU 4\.2\.1; mvm needs \d+\.\d+ or newer/);
  });

  test('something else under its name: said so', async () => {
    fakeProgram(bin, `qemu-system-${arch}`, 'echo hello');
    const { status, stderr } = await up();
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain('does not answer --version as QEMU does');
  });

  test('doctor names what is missing, and ends with 1', async () => {
    const { status, stdout } = await home.run(['doctor', '--json'], { env: { PATH: bin } });
    expect(status).toBe(1);
    const report = JSON.parse(stdout) as { healthy: boolean; checks: { name: string; state: string }[] };
    expect(report.healthy).toBe(false);
    expect(report.checks).toContainEqual(expect.objectContaining({ name: `backend ${arch}`, state: 'fail' }));
  });
});

describe.skipIf(carriesImage)('the mirror', () => {
  beforeEach(() => void fakeQemu(bin, 'exit 1'));
  const node = `${bin}:${process.env.PATH}`;

  test('that refuses connections is named, with a command to look at it', async () => {
    const { status, stderr } = await up({ PATH: node, MVM_DEBIAN_MIRROR: 'http://127.0.0.1:9/debian' });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain("Can't reach 127.0.0.1:9: it refuses connections.");
    expect(stderr).toContain('curl -I http://127.0.0.1:9/debian/');
  });

  test('that is no address is named', async () => {
    const { status, stderr } = await up({ PATH: node, MVM_DEBIAN_MIRROR: 'mirror.test' });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain('MVM_DEBIAN_MIRROR is not an http or https URL: mirror.test');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    // For which Node opens a debugger where nobody listens.
    ['SIGUSR1', 138],
  ] as const)('that says nothing is waited for visibly, and %s ends that at once with %i', async (signal, wanted) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const running = home.start(['dev', 'up', '-d'], {
        env: { PATH: node, MVM_DEBIAN_MIRROR: `http://127.0.0.1:${port}/debian` },
      });
      await running.says(`127.0.0.1:${port}`);
      const before = performance.now();
      running.kill(signal);
      const { status, stderr } = await running.done;
      expect(status).toBe(wanted);
      expect(stderr).not.toMatch(/debugger/i);
      expect(performance.now() - before).toBeLessThan(2000);
      isOneError(stderr);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});

describe('a home', () => {
  test('that can not be written is one error with the path', async () => {
    const file = join(home.dir, 'file');
    writeFileSync(file, '');
    const { status, stderr } = await home.run(['dev', 'up', '-d'], { env: { HOME: file } });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain(`error: Can't write ${file}`);
  });

  test.each([
    [['ls']],
    [['dev', 'status']],
    [['--help']],
    [['--version']],
  ])('that can not be written does not matter to %j', async (argv) => {
    const file = join(home.dir, 'file');
    writeFileSync(file, '');
    expect(await home.run(argv, { env: { HOME: file } })).toMatchObject({ status: 0 });
  });

  test('with a wrong configuration file is told its line', async () => {
    const config = join(home.dir, 'config.toml');
    writeFileSync(config, '\ndetach_kys = "ctrl-a"\n');
    fakeQemu(bin, 'exit 1');
    const { status, stderr } = await home.run(['dev', 'up', '-d'], {
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        MVM_CONFIG: config,
        MVM_DEBIAN_MIRROR: 'http://127.0.0.1:9/debian',
      },
    });
    expect(status).toBe(1);
    isOneError(stderr);
    expect(stderr).toContain(`${config}:2: there is no setting 'detach_kys'`);
  });
});

describe('a folder', () => {
  test('that was removed under the shell is one error', async () => {
    const gone = join(home.dir, 'gone');
    mkdirSync(gone);
    const { status, stderr } = await runProcess(
      ['sh', '-c', 'rmdir "$PWD"; exec "$0" "$1" dev status', process.execPath, entry],
      { cwd: gone, env: home.env },
    );
    expect(status).toBe(2);
    isOneError(stderr);
    expect(stderr).toContain('The working directory no longer exists.');
  });

  test('without a VM says how to get one', async () => {
    for (const argv of [['console'], ['exec', '--', 'true'], ['logs'], ['stop'], ['dev', 'down']]) {
      const { status, stderr } = await home.run(argv);
      expect(status).toBe(1);
      isOneError(stderr);
      expect(stderr).toContain(`${home.project} has no ${argv[0] === 'dev' ? 'dev VM' : 'VM'}.`);
    }
  });
});

describe('values', () => {
  test.each([
    [['--memory', '10'], '64M'],
    [['--memory', 'lots'], "'lots' is not an amount of memory"],
    [['--vcpus', '0'], "'0' is not a whole number"],
    [['--arch', 'mips'], 'x86_64 or aarch64'],
    [['--name', 'No Name'], "can't be a VM's name"],
  ])('dev up %j is a usage error in words', async (flags, words) => {
    const { status, stderr } = await home.run(['dev', 'up', '-d', ...flags]);
    expect(status).toBe(2);
    isOneError(stderr);
    expect(stderr).toContain(words);
  });
});
