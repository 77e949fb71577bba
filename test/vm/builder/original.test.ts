import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownArch } from '../../../src/vm/state/record.ts';
import { servicesUntil } from '../guest-services.ts';
import { makeNixHome, type VmHome } from '../vm-home.ts';

// A flake as people wrote it for the original mvm, in a guest: docs/guide/coming-from-the-original.md.

const system = `${ownArch()}-linux`;
const flake = `{
  inputs = { mvm.url = "github:tinylabscom/mvm?dir=nix"; nixpkgs.follows = "mvm/nixpkgs"; };
  outputs = { self, mvm, nixpkgs, ... }:
    let
      pkgs = import nixpkgs { system = "${system}"; };
      lib = mvm.lib.${system};
      hi = pkgs.writeShellScript "hi" "echo hi";
      serve = pkgs.writeShellScriptBin "serve" ''
        id -u >/tmp/uid; echo "$0 $1" >/tmp/said; exec sleep 100000
      '';
      site = lib.mkStaticSite { name = "site"; src = ./. + "/my site"; port = 8080; };
      api = lib.mkPythonService { name = "api"; src = ./.; entrypoint = "my site/api.py"; port = 8081; env.WHO = "me"; };
      node = lib.mkNodeService { name = "node"; src = ./.; entrypoint = "my site/node.js"; port = 8082; };
    in {
      packages.${system} = rec {
        dev = lib.mkGuest {
          name = "original";
          dev = true;
          hypervisor = "firecracker";
          entrypoint.command = [ "/usr/local/bin/serve" "--debug" ];
          uids = { agent = 990; entrypoint = 1234; };
          packages = [ serve site.package api.package ];
          services.site = site.service;
          services.api = api.service;
          services.node = node.service;
          services.line = {
            command = "touch /tmp/prepared/started && test -e /tmp/prepared/started; sleep 100000";
            preStart = "mkdir -p /tmp/prepared";
          };
          healthChecks.site = { healthCmd = "wget -qO- http://127.0.0.1:8080/ | grep -q hello"; healthIntervalSecs = 1; healthTimeoutSecs = 20; };
          healthChecks.api = api.healthCheck;
          volumeMounts."/var/lib/kept" = { volume = "kept"; readOnly = false; };
          extraFiles = {
            "/etc/app.conf" = { content = "port=1"; mode = "0600"; };
            "/usr/local/bin/hi" = "\${hi}";
            "/usr/local/sbin/ho".source = pkgs.writeShellScript "ho" "echo ho";
            "/srv/a b".source = ./. + "/my site/index.html";
            "/srv/all".source = self;
            "/srv/all/more" = "more";
            "/srv/link" = ./. + "/link";
            "/srv/out".source = pkgs.bash.out;
            "/etc" = ./etc;
          };
        };
        alone = lib.mkGuest { name = "alone"; dev = true; services.web.command = "exec sleep 100000"; };
      };
    };
}
`;

let home: VmHome;
beforeAll(async () => {
  home = await makeNixHome();
  const at = (name: string) => join(home.project, name);
  writeFileSync(at('flake.nix'), flake);
  mkdirSync(at('my site'));
  mkdirSync(at('etc'));
  writeFileSync(at('etc/motd'), 'hello\n');
  writeFileSync(at('my site/index.html'), 'hello\n');
  writeFileSync(at('my site/grün.txt'), 'green\n');
  symlinkSync('nowhere', at('my site/broken'));
  symlinkSync('my site/index.html', at('link'));
  writeFileSync(
    at('my site/api.py'),
    `import http.server, os
class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ["WHO"].encode())
http.server.HTTPServer(("", int(os.environ["PORT"])), Api).serve_forever()
`,
  );
  writeFileSync(
    at('my site/node.js'),
    `require('http').createServer((_, answer) => answer.end('node')).listen(process.env.PORT);\n`,
  );
  const up = ['dev', 'up', '-d', '--flake', '.', '--profile', 'dev', '--nixpkgs', 'debian'];
  const result = await home.run(up);
  expect(result, result.stderr).toMatchObject({ status: 0 });
});
afterAll(() => home.destroy());

const sh = async (script: string) => {
  const { status, stdout, stderr } = await home.exec('/bin/sh', '-c', script);
  expect(status, stderr).toBe(0);
  return stdout;
};

test('the entrypoint runs as the number in uids.entrypoint, by the name in /usr/local/bin', async () => {
  await servicesUntil(home, ({ entrypoint }) => entrypoint?.state === 'ready');
  expect(await sh('until [ -s /tmp/said ]; do sleep 0.1; done; cat /tmp/uid /tmp/said')).toBe(
    '1234\n/usr/local/bin/serve --debug\n',
  );
  expect(await sh('ls /usr/local/sbin/serve /bin/serve /bin/busybox')).not.toBe('');
});

test('a program that is removed or replaced in one folder is so in both', async () => {
  expect(await sh('/usr/local/bin/hi; /usr/local/bin/ho; rm /bin/serve; serve || echo gone')).toBe(
    'hi\nho\ngone\n',
  );
});

test('files: content, programs of the store, names with spaces and umlauts, folders, broken links, what joins them', async () => {
  expect(await sh('cat /etc/app.conf; stat -c " %a" /etc/app.conf')).toBe('port=1 600\n');
  expect(await sh('cat "/srv/a b" "/srv/all/my site/grün.txt" /srv/all/more /srv/link /etc/motd')).toBe(
    'hello\ngreen\nmorehello\nhello\n',
  );
  expect(
    await sh('readlink "/srv/all/my site/broken"; /srv/out/bin/bash -c "echo bash"; grep -c : /etc/passwd'),
  ).toMatch(/^nowhere\nbash\n[1-9]/);
});

test('lines of a shell are services and checks; the functions for a site, Python and Node serve', async () => {
  const state = await servicesUntil(
    home,
    ({ services, healthChecks }) =>
      services.every((service) => service.state === 'ready') &&
      healthChecks.every((check) => check.state === 'healthy'),
  );
  expect(state.services.map(({ name }) => name).sort()).toEqual(['api', 'line', 'node', 'site']);
  expect(await sh('for p in 8080 8081 8082; do wget -qO- http://127.0.0.1:$p/; done')).toBe('hello\nmenode');
  expect(await sh('test -e /tmp/prepared/started && echo prepared')).toBe('prepared\n');
});

test('image.json tells the backend that the image would have, and the volumes', async () => {
  const { stdout } = await home.run([
    'build',
    '--flake',
    '.',
    '--profile',
    'dev',
    '--nixpkgs',
    'debian',
    '--json',
  ]);
  const { image } = JSON.parse(stdout) as { image: object };
  expect(image).toMatchObject({ hypervisor: 'firecracker', volumes: ['/var/lib/kept'] });
});

test('services without an entrypoint are what the VM lives for', async () => {
  const { status, stdout, stderr } = await home.run([
    'build',
    '--flake',
    '.',
    '--profile',
    'alone',
    '--nixpkgs',
    'debian',
    '--json',
  ]);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ image: { entrypointKind: 'services', accessible: true } });
});

test('all mistakes of a declaration are told at once, each with its line', async () => {
  const wrong = flake.replace(
    'dev = true;',
    'dev = true;\n vcpu = 2;\n memory_mib = "1G"; bootCommand = [ "/x" ];',
  );
  const lineOf = (text: string) => wrong.split('\n').findIndex((line) => line.includes(text)) + 1;
  writeFileSync(join(home.project, 'flake.nix'), wrong);
  const { status, stderr } = await home.run([
    'build',
    '--flake',
    '.',
    '--profile',
    'dev',
    '--nixpkgs',
    'debian',
  ]);
  expect(status).toBe(1);
  expect(stderr).toContain('mkGuest (original): 3 mistakes in its arguments:');
  const at = (text: string) => `(flake.nix:${lineOf(text)})`;
  expect(stderr).toMatch(/`bootCommand` is not supported: .*\n/);
  expect(stderr).toContain(`Did you mean \`vcpus\`? Write for example: vcpus = 2; ${at('vcpu = 2')}`);
  expect(stderr).toContain(
    `it is a string ("1G"). Write for example: memory_mib = 1024; ${at('memory_mib')}`,
  );
  expect(stderr).not.toContain('nix/lib/');
});
