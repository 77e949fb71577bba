/**
 * Makes what the npm package contains besides dist/, for both architectures: images/<arch>/, agents/<arch>/ with init-sealed
 * for the images that flakes become and the SSH server mvm-ssh, and NOTICE with what is redistributed, from where and under which licence.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { silent } from '../src/events/events.ts';
import { assembleFromDebian } from '../src/image/default/from-debian.ts';
import { debianDir, findPaths } from '../src/state/paths.ts';

const root = dirname(import.meta.dirname);
const images = join(root, 'images');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts'), '--all'], {
  stdio: ['ignore', 2, 2],
});
if (built.status !== 0) process.exit(1);

interface Redistributed {
  package: string;
  version: string;
  source: string;
}

const redistributed: Redistributed[] = [];
rmSync(images, { recursive: true, force: true });
mkdirSync(join(images, 'licenses'), { recursive: true });
const agents = join(root, 'agents');
rmSync(agents, { recursive: true, force: true });
for (const arch of ['x86_64', 'aarch64'] as const) {
  for (const name of ['init-sealed', 'init-sealed.sha256', 'mvm-ssh', 'mvm-ssh.sha256'])
    cpSync(join(root, 'build/agent', arch, name), join(agents, arch, name));
  process.stderr.write(`Assembling the default image (${arch}) …\n`);
  const { packages } = await assembleFromDebian({
    arch,
    agent: join(root, 'build/agent', arch, 'init'),
    version,
    outDir: join(images, arch),
    cacheDir: debianDir(findPaths()),
    env: process.env,
    emit: silent,
    signal: new AbortController().signal,
  });
  for (const item of packages) {
    redistributed.push({ package: `${item.package} (${arch})`, version: item.version, source: item.source });
    writeFileSync(join(images, 'licenses', `${item.package}.txt`), item.copyright);
  }
}

// Debian's copyright files refer to these texts instead of repeating them.
for (const text of ['GPL-2', 'GPL-3', 'LGPL-2.1', 'LGPL-3']) {
  cpSync(join('/usr/share/common-licenses', text), join(images, 'licenses', `${text}.txt`));
}

/** The npm packages that the bundler put into dist/, from its own account. */
function bundledPackages(): { name: string; version: string; license: string }[] {
  const meta = JSON.parse(readFileSync(join(root, 'build/bundle.json'), 'utf8')) as {
    inputs: Record<string, unknown>;
  };
  const names = new Set<string>();
  for (const input of Object.keys(meta.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) names.add(name);
  }
  return [...names].sort().map((name) => {
    const dir = join(root, 'node_modules', name);
    const json = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
      version: string;
      license?: string;
    };
    const file = readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry));
    if (file !== undefined)
      cpSync(join(dir, file), join(images, 'licenses', `npm-${name.replace('/', '-')}.txt`));
    return { name, version: json.version, license: json.license ?? 'see its licence file' };
  });
}

/** The Go modules in the guest agent. */
function goModules(): string[] {
  const sum = join(root, 'guest/go.mod');
  const required = readFileSync(sum, 'utf8').matchAll(/^\s*(?:require )?(\S+\.\S+\/\S+) (v\S+)/gm);
  return [...required].map(([, name, revision]) => `${name} ${revision}`);
}

/** Their texts are where Go keeps their sources. */
function copyModuleLicenses(): void {
  const list = ['list', '-deps', '-f', '{{with .Module}}{{.Path}} {{.Dir}}{{end}}', './cmd/...'];
  const { stdout } = spawnSync('go', list, { cwd: join(root, 'guest'), encoding: 'utf8' });
  for (const line of new Set(stdout.split('\n'))) {
    const [name = '', dir = ''] = line.split(' ');
    if (dir === '' || name === 'mvm/guest') continue;
    const file = readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence in ${dir}`);
    cpSync(join(dir, file), join(images, 'licenses', `go-${name.replaceAll('/', '-')}.txt`));
  }
}

copyModuleLicenses();
const goLicense = join(spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).stdout.trim(), 'LICENSE');
if (existsSync(goLicense)) cpSync(goLicense, join(images, 'licenses/go.txt'));
const lines = [
  'mvm is licensed under the Apache License 2.0. This package also redistributes the works below,',
  'unmodified except as said, under their own licences; the texts are in images/licenses/.',
  '',
  'In images/*/kernel and images/*/initrd, from Debian packages (the kernel is decompressed, its modules',
  'are decompressed and their signatures removed). Their complete corresponding source is the Debian source',
  'package of the same version, in the Debian archive and in its snapshot archive:',
  ...redistributed.map((item) => `  ${item.package} ${item.version} (source package ${item.source})`),
  '',
  'In images/*/initrd and agents/, the guest agent and its SSH server, with the Go standard library and:',
  ...goModules().map((line) => `  ${line}`),
  '',
  'In dist/, bundled from npm packages:',
  ...bundledPackages().map(({ name, version: revision, license }) => `  ${name} ${revision} (${license})`),
  '',
];
writeFileSync(join(root, 'NOTICE'), lines.join('\n'));
