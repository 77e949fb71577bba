import type { Arch } from '../arch.ts';
import { EM_AARCH64, EM_X86_64, readElf } from '../format/elf.ts';
import { readGoBuildInfo } from '../format/go-binary/build-info.ts';
import { packageOf, readGoFunctions } from '../format/go-binary/functions.ts';
import { type Check, count, Findings, failed } from './check.ts';

/** What /init turned out to be; undefined where nothing could be read. */
export interface Agent {
  /** The packages of exec, console and terminal that are in it. */
  handlers: string[];
}

const guest = 'mvm/guest/internal/';
/** What an agent without any of them can't do: run a program for the host, give it a terminal. */
const handlers = ['exec', 'console', 'terminal'];
const machines: Record<Arch, { machine: number; go: string }> = {
  x86_64: { machine: EM_X86_64, go: 'amd64' },
  aarch64: { machine: EM_AARCH64, go: 'arm64' },
};
/** Where the agent begins: guest/cmd/mvm-init/early.go. */
const entry = 'main.start';

/**
 * Reads which packages the agent was linked from. That the reading is able is part of the check: a program in
 * which the agent's own packages are not found fails, and so does one whose code begins elsewhere than its table
 * of functions says. `sealed`: the image must not have the handlers; otherwise they are only reported.
 */
export function checkAgent(
  init: Buffer | undefined,
  arch: Arch | undefined,
  sealed: boolean,
): { agent: Agent | undefined; check: Check } {
  const nothing = (why: string) => ({ agent: undefined, check: failed('agent', '/init', why) });
  if (init === undefined) return nothing('the initrd has no /init');
  const elf = readElf(init);
  if (elf === undefined) return nothing('/init is not a 64-bit ELF program');
  const functions = readGoFunctions(elf);
  if (typeof functions === 'string') return nothing(`/init can't be read: ${functions}`);
  const packages = new Set(functions.names.map(packageOf));
  if (!packages.has(`${guest}boot`) || !packages.has(`${guest}channel`)) {
    return nothing('/init is not mvm’s agent: its own packages are not in its table of functions');
  }
  const found = new Findings();
  const inside = handlers.filter((name) => mentions(init, `${guest}${name}`) || hasPackage(packages, name));
  if (sealed) {
    for (const name of inside) found.fail(`/init has the code of ${name} in it (package ${guest}${name})`);
  }
  const expected = arch === undefined ? undefined : machines[arch];
  const info = readGoBuildInfo(elf);
  if (expected !== undefined) {
    if (elf.machine !== expected.machine) found.fail(`/init is not for ${arch} (ELF machine ${elf.machine})`);
    if (functions.entry !== entry) found.fail(`/init begins at ${functions.entry}, not ${entry}`);
    const built = info?.settings.GOARCH;
    if (built !== expected.go) found.fail(`/init says that it was built for ${built ?? 'nothing known'}`);
  }
  if (info !== undefined && info.path !== 'mvm/guest/cmd/mvm-init') {
    found.fail(`/init was built from ${info.path}`);
  }
  if (sealed && !(info?.settings['-tags'] ?? '').split(',').includes('sealed')) {
    found.fail('/init was not built as a sealed agent (go build -tags sealed)');
  }
  const own = [...packages].filter((name) => name.startsWith('mvm/guest/')).length;
  const what = inside.length === 0 ? 'no exec, no console' : `with ${inside.join(', ')}`;
  const read = `/init: ${count(functions.names.length, 'function')} of ${packages.size} packages, ${own} of them mvm's: ${what}`;
  return { agent: { handlers: inside }, check: found.check('agent', read) };
}

function hasPackage(packages: ReadonlySet<string>, name: string): boolean {
  const own = `${guest}${name}`;
  for (const known of packages) if (known === own || known.startsWith(`${own}/`)) return true;
  return false;
}

/** The package's path anywhere in the file: in the names of types, say. */
function mentions(bytes: Buffer, path: string): boolean {
  for (let at = bytes.indexOf(path); at !== -1; at = bytes.indexOf(path, at + 1)) {
    if (!/[A-Za-z0-9_]/.test(String.fromCharCode(bytes[at + path.length] ?? 0))) return true;
  }
  return false;
}
