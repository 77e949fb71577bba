import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileAgent } from '../../../scripts/compile-agent.ts';
import { testCache } from '../../mvmctl.ts';
import { guestHome } from '../guest-image.ts';
import { readyAgain, serviceLog, servicesUntil } from '../guest-services.ts';
import type { VmHome } from '../vm-home.ts';

const script = (text: string) => ({ command: ['/bin/sh', '-c', text] });

const built = join(import.meta.dirname, '../../../build/agent/x86_64');
const agent = join(testCache, 'storm-agent');

let home: VmHome;
beforeAll(async () => {
  const { status, said } = await compileAgent('x86_64', ['storm'], agent, '0.0.0-storm');
  expect(status, said).toBe(0);
  home = await guestHome(
    {
      services: {
        // One for each way in which the agent asks whether a service is ready.
        port: {
          ...script('exec httpd -f -p 7000'),
          ready: { port: 7000 },
        },
        file: { ...script('touch /run/there; exec sleep 600'), ready: { file: '/run/there' } },
        command: { ...script('exec sleep 600'), ready: { command: ['/bin/true'] }, after: ['file'] },
        talker: script('i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo line $i; done; exec sleep 600'),
      },
    },
    {},
    readFileSync(agent),
  );
}, 300_000);
afterAll(() => home.destroy());

// Each boot has some hundred system calls that may be interrupted, at other moments each time.
test.each([
  1, 2, 3,
])('an agent that is signalled without pause boots, serves and shuts down: round %i', async () => {
  await home.up('--vcpus', '2');
  const { guest } = JSON.parse((await home.run(['inspect', '--json'])).stdout) as {
    guest: { agent: string };
  };
  expect(guest.agent).toBe('0.0.0-storm');
  const { services } = await servicesUntil(home, (state) => state.services.every((s) => s.state === 'ready'));
  expect(services.map((s) => s.restarts)).toEqual([0, 0, 0, 0]);

  const bytes = await home.exec('sh', '-c', 'head -c 3000000 /dev/zero');
  expect(bytes).toMatchObject({ status: 0, stderr: '' });
  expect(bytes.bytes.length).toBe(3_000_000);
  expect(await home.run(['exec', '-i', '--', 'wc', '-c'], { input: Buffer.alloc(1_000_000) })).toMatchObject({
    status: 0,
    stdout: '1000000\n',
  });
  const port = services.find((s) => s.name === 'port')?.pid;
  expect(await home.exec('kill', '-KILL', String(port))).toMatchObject({ status: 0 });
  await servicesUntil(home, readyAgain('port', 1));
  const lines = (await serviceLog(home, 'talker')).split('\n');
  expect(lines.slice(-3)).toEqual(['line 1999', 'line 2000', '']);

  const down = await home.run(['dev', 'down']);
  expect(down, down.stderr).toMatchObject({ status: 0 });
  expect(down.stderr).not.toContain('error');
  // The disk was sealed: its journal is empty.
  expect(await home.vms()).toMatchObject([{ status: 'stopped', problem: null }]);
});

test('no agent that is handed out can do that to itself', () => {
  const signals = (file: string) => readFileSync(file).includes('main.storm');
  expect(signals(agent)).toBe(true);
  for (const name of ['init', 'init-sealed']) expect(signals(join(built, name))).toBe(false);
});
