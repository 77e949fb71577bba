/**
 * Builds dist/ (the tool, and next to it the large packages that few commands need) and the guest agents of this host's
 * architecture: build/agent/<arch>/init, and init-sealed, which allows no access, and mvm-ssh, which init is given. They share all compiled code:
 * the second costs 0.3 s. `--agent <arch>` builds only those of that architecture, `--all` both.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { chooseRenderer } from '../src/cli/render/progress.ts';
import { phase } from '../src/events/events.ts';
import { type Arch, compileAgent, type GuestProgram, goArch } from './compile-agent.ts';

const root = dirname(import.meta.dirname);
mkdirSync(join(root, 'build'), { recursive: true });
const hostArch: Arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const progress = chooseRenderer(process.stderr, process.env);

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(text: string, hint: string): never {
  say(`error: ${text}\n  → ${hint}`);
  process.exit(1);
}

function agentDir(arch: Arch): string {
  return join(root, 'build', 'agent', arch);
}

async function buildAgents(arch: Arch): Promise<void> {
  mkdirSync(agentDir(arch), { recursive: true });
  await phase(progress.event, 'agent', `Building the guest agent (${arch})`, async () => {
    await buildAgent(arch, 'init', []);
    await buildAgent(arch, 'init-sealed', ['sealed']);
    await buildAgent(arch, 'mvm-ssh', [], 'mvm-ssh');
  });
}

async function buildAgent(
  arch: Arch,
  name: string,
  tags: readonly string[],
  program?: GuestProgram,
): Promise<void> {
  const out = join(agentDir(arch), name);
  const temporary = `${out}.${process.pid}`;
  const { status, said } = await compileAgent(arch, tags, temporary, version, program).catch(() =>
    fail('Go is not installed; it builds the guest agent.', 'apt-get install -y golang-go'),
  );
  if (status !== 0) {
    rmSync(temporary, { force: true });
    progress.end();
    process.stderr.write(said);
    fail('The guest agent does not build.', goHint(said));
  }
  const digest = createHash('sha256').update(readFileSync(temporary)).digest('hex');
  renameSync(temporary, out);
  writeFileSync(`${out}.sha256`, `${digest}\n`);
}

/** What helps where Go failed, by what it said. */
function goHint(said: string): string {
  if (/x509:|certificate/.test(said))
    return 'export SSL_CERT_FILE=/path/to/ca.pem   (Go does not trust the certificate of its module proxy: name the CA of your network)';
  if (/dial tcp|no such host|connection refused|i\/o timeout|TLS handshake timeout|proxyconnect/.test(said))
    return 'go env GOPROXY   (Go does not reach its module proxy; behind a proxy: export HTTPS_PROXY=http://HOST:PORT)';
  return `cd ${join(root, 'guest')} && go build ./...`;
}

/**
 * Commander imports whole modules of Node's, for subcommands that are programs of their own. We have none, and
 * loading and copying those modules costs a tenth of a short command's time.
 */
const commanderAlone: Plugin = {
  name: 'commander-without-programs',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(child_process|fs|path|process)$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/commander/') ? { path, namespace: 'none' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'none' }, ({ path }) => ({
      contents: `export default ${path.endsWith('process') && !path.includes('child') ? 'process' : '{}'};`,
    }));
  },
};

/** A digest of the files below some folders or files of the checkout that `wanted` does not leave out. */
function sourcesDigest(places: readonly string[], wanted: (file: string) => boolean): string {
  const hash = createHash('sha256');
  for (const place of places) {
    const path = join(root, place);
    const files = statSync(path).isFile()
      ? ['']
      : readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files) {
      const full = join(path, file);
      if (!wanted(join(place, file)) || !statSync(full).isFile()) continue;
      hash.update(join(place, file)).update('\0').update(readFileSync(full));
    }
  }
  return hash.digest('hex');
}

/** What decides the content of an assembled image; part of its cache key. */
const imageSources = () =>
  sourcesDigest(
    ['src/image', 'src/debian'],
    (file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file),
  );

/** What decides the images that flakes become; part of a build's fingerprint. */
const librarySources = () =>
  sourcesDigest(['flake.nix', 'nix'], (file) => !file.startsWith('nix/debian/local'));

/**
 * Large packages that few commands need, each in its own file next to the tool: what a command does not load
 * costs it nothing.
 */
const vendored = [
  'openpgp',
  'execa',
  '@xterm/headless',
  '@xterm/addon-serialize',
  'xz-decompress',
  'diff',
  '@bomb.sh/tab',
];

const vendorFile = (name: string) => `vendor-${name.replace(/[@/.]+/g, '-').replace(/^-/, '')}`;

const besideTheTool: Plugin = {
  name: 'vendored-packages-beside-the-tool',
  setup({ onResolve }) {
    onResolve({ filter: /^[@a-z]/ }, ({ path, importer }) =>
      vendored.includes(path) && importer.startsWith(join(root, 'src'))
        ? { path: `./${vendorFile(path)}.cjs`, external: true }
        : undefined,
    );
  },
};

/**
 * CommonJS, because it starts faster: Node makes no module facade for each of its own modules, and each is
 * loaded when it is first needed.
 */
const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  format: 'cjs',
  // import() would start the loader of ES modules.
  supported: { 'dynamic-import': false },
  target: 'node20.12',
  minify: true,
  // Names of errors and functions are read by people.
  keepNames: true,
  legalComments: 'none',
  outExtension: { '.js': '.cjs' },
  loader: { '.asc': 'text' },
  // What ES modules have and CommonJS has not.
  define: { 'import.meta.dirname': '__dirname' },
  logLevel: 'warning',
};

async function buildTool(): Promise<void> {
  const out = join(root, 'dist');
  const fresh = `${out}.${process.pid}`;
  const tool = await build({
    ...common,
    entryPoints: { main: 'src/main.ts' },
    outdir: fresh,
    plugins: [commanderAlone, besideTheTool],
    define: {
      MVM_VERSION: JSON.stringify(version),
      MVM_IMAGE_SOURCES: JSON.stringify(imageSources()),
      MVM_LIBRARY_SOURCES: JSON.stringify(librarySources()),
      ...common.define,
    },
  });
  const digest = createHash('sha256')
    .update(readFileSync(join(fresh, 'main.cjs')))
    .digest('hex');
  const start = await build({
    ...common,
    entryPoints: { mvmctl: 'src/bin.ts' },
    outdir: fresh,
    define: { MVM_MAIN_DIGEST: JSON.stringify(digest), ...common.define },
  });
  // A program of its own, since it lives as long as a VM: what it does not load takes no memory.
  const companion = await build({
    ...common,
    entryPoints: { companion: 'src/companion.ts' },
    outdir: fresh,
    plugins: [besideTheTool],
    define: { MVM_VERSION: JSON.stringify(version), ...common.define },
  });
  // What each connection of ssh starts.
  const proxy = await build({ ...common, entryPoints: { 'ssh-proxy': 'src/ssh-proxy.ts' }, outdir: fresh });
  const vendor = await build({
    ...common,
    entryPoints: Object.fromEntries(vendored.map((name) => [vendorFile(name), name])),
    outdir: fresh,
    define: { ...common.define, 'import.meta.url': 'mvmFileUrl' },
    banner: { js: 'const mvmFileUrl = require("node:url").pathToFileURL(__filename).href;' },
  });
  const inputs = {
    ...tool.metafile?.inputs,
    ...start.metafile?.inputs,
    ...companion.metafile?.inputs,
    ...proxy.metafile?.inputs,
    ...vendor.metafile?.inputs,
  };
  writeFileSync(join(root, 'build', 'bundle.json'), JSON.stringify({ inputs }));
  const old = `${out}.old.${process.pid}`;
  if (existsSync(out)) renameSync(out, old);
  renameSync(fresh, out);
  rmSync(old, { recursive: true, force: true });
}

const argv = process.argv.slice(2);
const only = argv[0] === '--agent' ? (argv[1] as Arch) : undefined;

async function agents(): Promise<void> {
  for (const arch of Object.keys(goArch) as Arch[]) {
    if (arch === hostArch || argv.includes('--all') || existsSync(agentDir(arch))) await buildAgents(arch);
  }
}

if (only !== undefined) {
  await buildAgents(only);
} else {
  say('Building mvmctl …');
  await Promise.all([buildTool(), agents()]);
}
