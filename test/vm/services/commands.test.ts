import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { createOpening, markOf } from '../../../src/protocol/preamble.ts';
import { findPaths } from '../../../src/state/paths.ts';
import { guestAccess } from '../../../src/vm/condition/guest.ts';
import { loadVm, type RunningVm } from '../../../src/vm/state/vm.ts';
import { type GuestConfig, guestHome } from '../guest-image.ts';
import type { VmHome } from '../vm-home.ts';

let home: VmHome | undefined;
afterEach(() => {
  home?.destroy();
  home = undefined;
});

const sh = (script: string) => ['/bin/sh', '-c', script];

interface State {
  entrypoint: UnitJson | null;
  services: UnitJson[];
  healthChecks: { name: string; state: string; message: string }[];
}
interface UnitJson {
  name: string;
  state: string;
  pid: number | null;
  restarts: number;
  message: string;
}

async function boot(guest: GuestConfig): Promise<VmHome> {
  home = await guestHome(guest);
  await home.up();
  return home;
}

async function mvmctl(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await (home as VmHome).run(argv);
  expect(status, `${argv.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

/** Follows the state, as `ps --watch --json` tells it, until it is as wanted. */
async function until(wanted: (state: State) => boolean): Promise<State> {
  const watching = (home as VmHome).start(['ps', '--watch', '--json']);
  try {
    for await (const line of createInterface({ input: watching.stdout })) {
      const state = JSON.parse(line) as State;
      if (wanted(state)) return state;
    }
    throw new Error(`the state never was as wanted: ${(await watching.done).stderr}`);
  } finally {
    watching.kill('SIGINT');
    expect((await watching.done).status).toBe(0);
  }
}

const unit = (state: State, name: string): UnitJson => {
  const found = state.services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};

test('ps, logs and service show and control what a VM runs', async () => {
  const { run, start } = await boot({
    services: {
      redis: {
        command: sh('echo up; echo careful >&2; exec sleep 1000'),
        ready: { command: ['true'] },
        preset: 'redis',
      },
      db: { command: ['sleep', '1000'], ready: { port: 5432, timeout: 1 } },
      web: { command: ['sleep', '1000'], after: ['db'] },
      flaky: { command: sh('printf "\\033]0;owned\\007 dying\\n"; exit 3') },
      missing: { command: ['/opt/no/such-program'], restart: 'no' },
    },
    healthChecks: {
      redis: { command: ['true'], interval: 1 },
      db: { port: 5432, interval: 1, retries: 1 },
      disk: { command: sh('echo full >&2; exit 1'), interval: 1, retries: 1 },
    },
  });
  const state = await until(
    (s) =>
      unit(s, 'flaky').restarts >= 2 &&
      unit(s, 'db').message !== '' &&
      s.healthChecks.every((check) => check.state !== 'unknown'),
  );
  expect(state.services.map(({ name }) => name).sort()).toEqual(['db', 'flaky', 'missing', 'redis', 'web']);
  expect(unit(state, 'missing')).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(/no such file/),
  });

  const table = await mvmctl('ps');
  expect(table).toMatch(/^NAME +STATE +PID +RESTARTS +UP +READY +HEALTH$/m);
  expect(table).toMatch(/^redis +running +\d+ +0 +\S.* yes +healthy$/m);
  expect(table).toMatch(
    /^db +running +\d+ +0 +\S.* no +unhealthy\n {2}is not ready after 1 s: nothing answers on port 5432$/m,
  );
  expect(table).toMatch(/^flaky +(backoff|starting|running) /m);
  expect(table).toMatch(
    /^missing +failed +- .*\n {2}could not start: \/opt\/no\/such-program: no such file$/m,
  );
  expect(table).toMatch(/^web +waiting .*\n {2}waits for db/m);
  expect(table).toMatch(/^disk +unhealthy +\d+ +.* ago\n {2}health check failed .*: .*full/m);

  // Logs: of a service of the project's VM by its name alone, of all, and what is not there.
  expect((await mvmctl('logs', 'redis')).split('\n').sort()).toEqual(['', 'careful', 'up']);
  expect(await mvmctl('logs', 'project', 'flaky', '--tail', '1')).toBe('\u001b]0;owned\u0007 dying\n');
  expect(await mvmctl('logs', '--all', '-n', '1', '-t')).toMatch(/^\d{4}-.*Z flaky \| .* dying\n$/);
  expect(JSON.parse(await mvmctl('logs', 'redis', '--json', '-n', '1'))).toMatchObject({ service: 'redis' });
  expect(await mvmctl('logs', 'redis', '--since', new Date(Date.now() + 3_600_000).toISOString())).toBe('');
  expect(await mvmctl('logs')).toContain('mvm: service missing could not start');
  for (const [argv, hint] of [
    [['logs', 'rdeis'], 'did you mean redis?'],
    [['logs', 'project', 'rdeis'], 'did you mean redis?'],
    [['service', 'stop', 'wbe'], 'did you mean web?'],
  ] as const) {
    const { status, stderr } = await run(argv);
    expect([status, stderr]).toEqual([1, expect.stringContaining(hint)]);
  }

  // Control.
  const before = unit(await until(() => true), 'redis').pid;
  const { pid } = JSON.parse(await mvmctl('service', 'restart', 'redis', '--json')) as UnitJson;
  expect(pid).not.toBe(before);
  await mvmctl('service', 'stop', 'project', 'redis');
  expect(unit(await until(() => true), 'redis')).toMatchObject({ state: 'stopped', pid: null });
  await mvmctl('service', 'start', 'redis');
  const dead = await run(['service', 'restart', 'flaky']);
  expect(dead.status).toBe(1);
  expect(dead.stderr).toMatch(/error: The service flaky: ended with status 3 after/);
  expect(dead.stderr).toMatch(/\| .* flaky out {2}\]0;owned {2}dying/);
  expect(dead.stderr).toContain('mvmctl logs project flaky');
  expect((await run(['complete', '--', 'service', 'stop', 're'])).stdout).toContain('redis');

  // What follows ends with Ctrl-C, and with the VM.
  const impatient = start(['logs', 'redis', '-f']);
  await impatient.says('up');
  impatient.kill('SIGINT');
  expect((await impatient.done).status).toBe(0);
  const following = start(['logs', '--all', '-f']);
  const watching = start(['ps', '-w']);
  await Promise.all([following.says('flaky |'), watching.says('redis ready')]);
  await mvmctl('stop');
  expect(await following.done).toMatchObject({ status: 0, stderr: 'project has stopped.\n' });
  expect(await watching.done).toMatchObject({ status: 0, stderr: 'project has stopped.\n' });
  for (const argv of [['ps'], ['service', 'stop', 'redis']]) {
    const { status, stderr } = await run(argv);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/VM 'project' is stopped\.\n.*mvmctl dev up/),
    ]);
  }
});

test('what services wrote outlives the VM that mvmctl stops, their last words with it, until it starts again', async () => {
  const { run, up } = await boot({
    services: {
      web: { command: sh('trap "echo bye; exit" TERM; echo up; sleep 1000 & wait') },
      many: {
        command: sh('seq 200000; touch /run/written; exec sleep 1000'),
        ready: { command: sh('test -e /run/written') },
      },
    },
  });
  await until((state) => unit(state, 'many').state === 'ready');
  await mvmctl('dev', 'down');
  const web = await run(['logs', 'web']);
  expect([web.status, web.stdout]).toEqual([0, 'up\nbye\n']);
  expect(web.stderr).toContain("This is what 'web' wrote until then");
  expect((await mvmctl('logs', 'project', 'many', '--tail', '1')).trim()).toBe('200000');
  expect((await mvmctl('logs', 'many')).trimEnd().split('\n')).toHaveLength(2000);

  await up();
  await mvmctl('stop', '--force');
  const lost = await run(['logs', 'project', 'web']);
  expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining("the logs of 'web' were not kept")]);
});

test('logs keeps a line of 1 MiB whole, and shows one that has no end yet', async () => {
  const json = `{"a":"${'x'.repeat(16_000)}"}`;
  const { run } = await boot({
    services: {
      big: { restart: 'no', command: sh(`head -c 1048576 /dev/zero | tr '\\0' y; echo; echo after`) },
      json: {
        command: sh(
          `printf '{"a":"%s"}\\n' $(head -c 16000 /dev/zero | tr '\\0' x); printf 'Password: '; read x </run/answer; echo $x; exec sleep 1000`,
        ),
        preStart: sh('mkfifo /run/answer'),
      },
    },
  });
  await until((s) => unit(s, 'big').state === 'stopped');
  const [line, ...others] = (await mvmctl('logs', 'big')).split('\n');
  expect(line).toBe('y'.repeat(1 << 20));
  expect(others).toEqual(['after', '']);

  await expect.poll(() => mvmctl('logs', 'json'), { timeout: 20_000 }).toBe(`${json}\nPassword: \n`);
  const following = (home as VmHome).start(['logs', 'json', '-f', '--tail', '1']);
  await run(['exec', '--', 'sh', '-c', 'echo secret >/run/answer']);
  await following.says('Password: secret\n');
  following.kill('SIGINT');
  expect((await following.done).stdout).toBe('Password: secret\n');
  expect(await mvmctl('logs', 'json')).toBe(`${json}\nPassword: secret\n`);
});

test('fifty services, a flood of logs and a full memory leave the agent well, and ps says what happened', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => [
      `s${i}`,
      { command: ['sleep', '1000'], log: { maxBytes: 65_536 } },
    ]),
  );
  const { exec } = await boot({
    entrypoint: { kind: 'command', argv: sh('echo serving; exec sleep 1000') },
    services: {
      ...many,
      flood: {
        restart: 'no',
        command: sh('yes 0123456789012345678901234567890123456789012345678 | head -c 20000000; echo over'),
        log: { maxBytes: 1 << 20 },
      },
      glutton: {
        restart: 'no',
        preStart: sh('while test ! -e /run/eat; do sleep 0.1; done'),
        command: ['awk', 'BEGIN { x = sprintf("%1000000s", ""); for (i = 0; ; i++) a[i] = x i }'],
      },
    },
  });
  // While the flood lasts, everything answers.
  const ready = await until((s) => s.services.filter(({ state }) => state === 'ready').length >= 50);
  expect(ready.services).toHaveLength(52);
  expect((await exec('echo', 'works')).stdout).toBe('works\n');
  await until((s) => unit(s, 'flood').state === 'stopped');
  const { stdout, stderr } = await (home as VmHome).run(['logs', 'flood']);
  expect(stdout.endsWith('\nover\n')).toBe(true);
  expect(stdout.length).toBeLessThan(1.1 * (1 << 20));
  expect(stderr).toMatch(/^\d{6} older lines are no longer kept/);

  // What no client of ours says, on all channels at once.
  const { key, connect } = guestAccess(
    (await loadVm(findPaths((home as VmHome).env), 'project')) as RunningVm,
  );
  const empty = Buffer.concat([Buffer.from('0100000000000002', 'hex'), Buffer.from('{}')]);
  const junk = [
    randomBytes(100_000),
    Buffer.concat([markOf(key), randomBytes(16), randomBytes(50_000)]),
    Buffer.concat([markOf(key), randomBytes(16), randomBytes(32), empty, Buffer.alloc(9, 0xff)]),
    Buffer.concat([markOf(key).subarray(0, 15), markOf(key)]),
  ];
  const channels = await Promise.all(Array.from({ length: 7 }, () => connect('work')));
  await Promise.all(
    channels.map(async (channel, i) => {
      // Half of them prove themselves before they say it.
      let proven = i < 4;
      const opening = createOpening(key, (proof) => {
        proven = true;
        channel.write(Buffer.concat([proof, empty, Buffer.alloc(9, 0xff), randomBytes(10_000)]));
      });
      channel.on('error', () => {}).on('data', (bytes: Buffer) => opening.feed(bytes));
      if (!proven) {
        channel.write(opening.first);
        await expect.poll(() => proven).toBe(true);
      }
      await new Promise((resolve) => channel.write(junk[i % junk.length], resolve));
      channel.destroy();
      await once(channel, 'close');
    }),
  );
  expect((await until(() => true)).services.filter(({ state }) => state === 'ready')).toHaveLength(50);

  expect((await until(() => true)).entrypoint).toMatchObject({
    state: 'waiting',
    message: 'waits for glutton',
  });
  await exec('touch', '/run/eat');
  const full = await until((s) => unit(s, 'glutton').state === 'failed');
  expect(unit(full, 'glutton').message).toBe('was killed by the kernel, because the VM is out of memory');
  expect(full.services.filter(({ state }) => state === 'ready')).toHaveLength(50);
  expect((await exec('echo', 'works')).stdout).toBe('works\n');
  // The entrypoint's program waits for nobody who will not come.
  await until((s) => s.entrypoint?.state === 'ready');
  expect(await mvmctl('ps')).toMatch(/^entrypoint +running /m);
  expect(await mvmctl('logs', 'entrypoint')).toBe('serving\n');
});
