import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { connectCompanion } from '../../../src/companion/client.ts';
import { guestHome, imageHome } from '../guest-image.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { small, type VmHome } from '../vm-home.ts';

let home: VmHome | undefined;
let taken: Server | undefined;
afterEach(() => {
  home?.destroy();
  taken?.close();
});

/** A port that this process has, on both loopbacks. */
async function takePort(): Promise<number> {
  const server = createServer();
  taken = server;
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return (server.address() as { port: number }).port;
}

/** What a web server says of a file; an error's code where there is none. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '?'));
    socket.write('GET /page HTTP/1.0\r\n\r\n');
  });
}

const web = (port: number) => ['/usr/bin/httpd', '-f', '-p', `127.0.0.1:${port}`, '-h', '/srv'];
const page = { 'srv/page': 'a page' };

test('dev up forwards what the image declares: on the same number, or a neighbour’s and says why; or not', async () => {
  const port = await takePort();
  home = await guestHome(
    { services: { web: { command: web(port), port, ready: { port }, user: 'root' } } },
    page,
  );
  const up = () => home?.run(['dev', 'up', '-d', '--wait', '--json', ...small]);
  const first = await up();
  expect(first, first?.stderr).toMatchObject({ status: 0 });
  const [forward] = (JSON.parse(first?.stdout ?? '') as { ports: { hostPort: number }[] }).ports;
  expect(forward).toMatchObject({ guestPort: port, by: 'image' });
  expect(forward?.hostPort).toBeGreaterThan(port);
  expect(first?.stderr).toContain(
    `Forwarded: localhost:${forward?.hostPort} to port ${port} (${port} is in use here).`,
  );
  expect(await ask(forward?.hostPort ?? 0)).toContain('a page');
  await home.run(['dev', 'down']);
  writeFileSync(join(home.project, 'mvm.toml'), '[dev]\nforward = "none"\n');
  const second = await up();
  expect(JSON.parse(second?.stdout ?? '')).toMatchObject({ ports: [] });
});

test('a sealed image is reached on the port that it declares; others are refused, by name and by its agent', async () => {
  const [port, other] = [7180, 7181];
  // It begins to listen a while after the VM is ready.
  const script = `/usr/bin/httpd -f -p ${other} -h /srv & sleep 2; exec /usr/bin/httpd -f -p ${port} -h /srv`;
  home = await imageHome((outDir) =>
    makeRootfsImage({
      outDir,
      agent: 'init-sealed',
      verified: true,
      files: page,
      guest: {
        accessible: false,
        sealed: true,
        ports: [port],
        entrypoint: { kind: 'command', argv: ['/bin/sh', '-c', script], user: 'root' },
      },
      json: { name: 'web', accessible: false, sealed: true, entrypointKind: 'command', ports: [port] },
    }),
  );
  const refused = await home.run(['up', '-d', ...small, '-p', `0:${other}`]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`its image 'web' does not declare port ${other} (it declares ${port})`);
  expect(home.qemus()).toEqual([]);

  const up = await home.run(['up', '--wait', '--json', ...small, '-p', `0:${port}`]);
  expect(up, up.stderr).toMatchObject({ status: 0 });
  const vm = JSON.parse(up.stdout) as { dir: string; ports: { hostPort: number }[] };
  expect(await ask(vm.ports[0]?.hostPort ?? 0)).toContain('a page');
  expect((await home.run(['forward', '-d', `0:${other}`])).stderr).toContain('does not declare port');
  for (const argv of [['ssh', '--', 'id'], ['ssh-config'], ['ssh-connect', '--', 'mvm-project-up']])
    expect((await home.run(argv)).stderr, argv[0]).toMatch(/'project-up' has no ssh: .* sealed/);

  // Whoever goes around the command finds the agent.
  const run = join(home.dir, '.local/state/mvm/run');
  const companion = await connectCompanion(join(run, readdirSync(run)[0] ?? ''));
  const forward = {
    address: 'localhost',
    hostPort: 0,
    guestPort: other,
    protocol: 'tcp',
    by: 'forward',
  } as const;
  const [made] = (await companion?.ask({ ask: 'forward', forwards: [forward], hold: true })) ?? [];
  expect(await ask(made?.hostPort ?? 0)).toBe('ECONNRESET');
  companion?.close();
  expect((await home.run(['forward', '--reverse', String(port)])).stderr).toContain(
    "is sealed: it can't see port 7180 of this host",
  );
  const around = await connectCompanion(join(run, readdirSync(run)[0] ?? ''));
  const reverse = { ...forward, reverse: true, hostPort: port, guestPort: port };
  await expect(around?.ask({ ask: 'forward', forwards: [reverse], hold: true })).rejects.toMatchObject({
    code: 'PORT_REFUSED',
  });
  around?.close();
  expect(readFileSync(join(vm.dir, 'companion.log'), 'utf8')).toContain(`port ${other}: forbidden`);
});
