/**
 * What people type who come from Docker, Lima, Vagrant, Podman or the original mvm, and the command of ours that does
 * it. No word is a command or an alias of ours: those are never looked up here.
 */

/** A command line of ours; `{…}` stands for the words that followed, with what stands there where none did. */
interface Meant {
  ours: string;
  /** What differs from what they may expect, as a sentence. */
  note?: string;
}

const startOne = { ours: 'mvmctl dev up{ --name …}' };
const stopOne = { ours: 'mvmctl stop{ …}' };
const removeOne = { ours: 'mvmctl rm{ …| NAME}' };
const enter = { ours: 'mvmctl console{ …}' };
const copy = { ours: 'mvmctl cp -r SRC VM:DST' };
const noShare = {
  ours: copy.ours,
  note: "A VM can't share a folder with the host.",
};
const noSnapshot = {
  ours: 'mvmctl dev down',
  note: "There are no snapshots; a dev VM keeps its disk from 'dev down' to 'dev up'.",
};
const noPause = { ours: 'mvmctl stop{ …}', note: "VMs can't be suspended; a dev VM keeps its disk." };
const noRegistry = {
  ours: 'mvmctl build',
  note: "Images are built from a project's flake, not fetched from a registry.",
};
const byFlake = { ours: 'mvmctl init', note: 'An image is declared in a flake.' };
const settings = {
  ours: 'mvmctl inspect{ …}',
  note: 'Settings are in mvm.toml; inspect shows which apply and where they come from.',
};
const images = { ours: 'mvmctl images' };
const removeImage = { ours: 'mvmctl rmi{ …| --unused}' };
const restart = { ours: 'mvmctl dev up --restart{ --name …}' };
const clean = { ours: 'mvmctl prune' };
const start = { ours: 'mvmctl init' };

export const verbs: Readonly<Record<string, Meant>> = {
  start: startOne,
  boot: startOne,
  launch: startOne,
  spawn: startOne,
  provision: { ours: 'mvmctl dev up --restart', note: 'What is in the image is declared in the flake.' },
  restart,
  reload: restart,
  reboot: restart,
  rebuild: { ours: 'mvmctl build --rebuild' },
  make: { ours: 'mvmctl build' },
  compile: { ours: 'mvmctl build' },
  halt: stopOne,
  poweroff: stopOne,
  shutdown: stopOne,
  terminate: stopOne,
  kill: { ours: 'mvmctl stop --force{ …}' },
  pause: noPause,
  unpause: startOne,
  suspend: noPause,
  resume: startOne,
  destroy: removeOne,
  delete: removeOne,
  remove: removeOne,
  del: removeOne,
  uninstall: removeOne,
  reset: { ours: 'mvmctl dev up --reset' },
  'factory-reset': { ours: 'mvmctl dev up --reset' },
  create: { ours: 'mvmctl init', note: "'dev up' creates a project's VM; init writes a project's files." },
  new: start,
  scaffold: start,
  template: {
    ours: 'mvmctl init --template NAME',
    note: 'Templates of projects: minimal, node, python, rust, go, postgres.',
  },
  manifest: { ours: 'mvmctl validate', note: 'The manifest of a project is its mvm.toml.' },
  lint: { ours: 'mvmctl validate' },
  check: { ours: 'mvmctl validate' },
  login: enter,
  attach: enter,
  enter,
  sh: enter,
  bash: enter,
  connect: enter,
  'show-ssh': { ours: 'mvmctl ssh-config{ …}' },
  execute: { ours: 'mvmctl exec -- CMD' },
  cmd: { ours: 'mvmctl exec -- CMD' },
  sync: copy,
  rsync: copy,
  upload: copy,
  download: copy,
  mount: noShare,
  share: noShare,
  volume: { ours: 'mvmctl inspect', note: 'Volumes are declared in the flake: `volumes` of mkGuest.' },
  expose: { ours: 'mvmctl forward' },
  publish: { ours: 'mvmctl forward' },
  network: { ours: 'mvmctl forward' },
  snapshot: noSnapshot,
  snapshots: noSnapshot,
  checkpoint: noSnapshot,
  save: noSnapshot,
  load: noSnapshot,
  restore: noSnapshot,
  wait: { ours: 'mvmctl dev up --wait{ --name …}' },
  tail: { ours: 'mvmctl logs -f{ …}' },
  log: { ours: 'mvmctl logs{ …}' },
  events: { ours: 'mvmctl ps --watch{ …}' },
  services: { ours: 'mvmctl ps{ …}' },
  show: { ours: 'mvmctl inspect{ …}' },
  list: { ours: 'mvmctl inspect{ …}' },
  status: { ours: 'mvmctl inspect{ …}' },
  describe: { ours: 'mvmctl inspect{ …}' },
  info: { ours: 'mvmctl inspect{ …}' },
  get: { ours: 'mvmctl ls' },
  vms: { ours: 'mvmctl ls' },
  machines: { ours: 'mvmctl ls' },
  'global-status': { ours: 'mvmctl ls' },
  image: images,
  tag: images,
  history: images,
  search: byFlake,
  pull: noRegistry,
  push: noRegistry,
  commit: byFlake,
  import: byFlake,
  export: { ours: 'mvmctl exec -- tar c / > root.tar' },
  install: {
    ours: 'mvmctl setup',
    note: 'Packages of an image are declared in the flake: `packages` of mkGuest.',
  },
  bootstrap: { ours: 'mvmctl setup' },
  update: { ours: 'mvmctl build --rebuild' },
  upgrade: { ours: 'mvmctl build --rebuild' },
  config: settings,
  env: settings,
  edit: settings,
  set: settings,
  gc: clean,
  clean,
  cleanup: clean,
  diagnose: { ours: 'mvmctl doctor' },
  health: { ours: 'mvmctl ps{ …}' },
  cache: { ours: 'mvmctl prune --dry-run' },
  df: { ours: 'mvmctl prune --dry-run' },
  machine: { ours: 'mvmctl ls' },
  vm: { ours: 'mvmctl ls' },
  container: { ours: 'mvmctl ls' },
  containers: { ours: 'mvmctl ls' },
  box: images,
  compose: { ours: 'mvmctl up' },
  system: { ours: 'mvmctl doctor' },
};

/** First words that say what a verb is about, in tools whose commands are two words. */
export const nouns: Readonly<Record<string, Readonly<Record<string, Meant>>>> = {
  image: {
    ls: images,
    list: images,
    build: { ours: 'mvmctl build' },
    rm: removeImage,
    remove: removeImage,
    delete: removeImage,
    prune: { ours: 'mvmctl rmi --unused' },
    inspect: { ours: 'mvmctl inspect{ …}' },
    pull: noRegistry,
  },
  system: { prune: clean, df: { ours: 'mvmctl prune --dry-run' }, info: { ours: 'mvmctl doctor' } },
  cache: { prune: clean, clean, clear: clean },
  compose: {
    up: { ours: 'mvmctl up' },
    down: { ours: 'mvmctl stop' },
    ps: { ours: 'mvmctl ps' },
    logs: { ours: 'mvmctl logs --all' },
    build: { ours: 'mvmctl build' },
    exec: { ours: 'mvmctl exec -- CMD' },
    restart: { ours: 'mvmctl service restart{ …| SERVICE}' },
  },
  service: {
    ls: { ours: 'mvmctl ps' },
    list: { ours: 'mvmctl ps' },
    status: { ours: 'mvmctl ps' },
    ps: { ours: 'mvmctl ps' },
    logs: { ours: 'mvmctl logs{ …| SERVICE}' },
    reload: { ours: 'mvmctl service restart{ …| SERVICE}' },
  },
  builder: {
    start: { ours: 'mvmctl build' },
    up: { ours: 'mvmctl build' },
    down: { ours: 'mvmctl builder stop' },
    rm: { ours: 'mvmctl builder reset' },
    delete: { ours: 'mvmctl builder reset' },
    prune: { ours: 'mvmctl builder reset' },
    ls: { ours: 'mvmctl builder status' },
  },
  manifest: {
    init: start,
    new: start,
    ls: { ours: 'mvmctl ls' },
    show: settings,
    validate: { ours: 'mvmctl validate' },
  },
  template: { init: start, create: start },
};

/** Nouns whose second word is one of our commands, or one of the verbs above. */
const machines: ReadonlySet<string> = new Set(['machine', 'vm', 'container', 'dev']);

export interface Suggestion {
  /** A command line. */
  hint: string;
  note?: string;
}

/**
 * The command of ours that a command line of another tool means; undefined for a word that no such tool has.
 * @param known names of our commands
 */
export function byMeaning(words: readonly string[], known: ReadonlySet<string>): Suggestion | undefined {
  const plain = words.map((word) => word.toLowerCase());
  const [first = '', second] = plain;
  if (second !== undefined) {
    const meant = own(nouns[first] ?? {}, second);
    if (meant !== undefined) return filled(meant, words.slice(2));
    if (machines.has(first) && known.has(second)) return { hint: ['mvmctl', ...words.slice(1)].join(' ') };
    if (machines.has(first) && own(verbs, second)) return byMeaning(words.slice(1), known);
  }
  const meant = own(verbs, first);
  return meant && filled(meant, words.slice(1));
}

function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Puts the first following word, where it can be a VM's or an image's name, in its place. */
function filled({ ours, note }: Meant, [first]: readonly string[]): Suggestion {
  const hint = ours.replace(/\{([^…]*)…([^}]*)\}/, (_, before: string, otherwise: string) =>
    first !== undefined && /^[a-z0-9][a-z0-9-]*$/i.test(first)
      ? `${before}${first}`
      : otherwise.replace(/^\|/, ''),
  );
  return { hint, ...(note === undefined ? {} : { note }) };
}

/** Flags that people bring along, by what they mean there. */
export const foreignFlags: Readonly<Record<string, string>> = {
  '-v': 'no folder of the host can be shared with a VM; `volumes` of mkGuest keeps folders',
  '--volume': 'no folder of the host can be shared with a VM; `volumes` of mkGuest keeps folders',
  '--mount': 'no folder of the host can be shared with a VM; `volumes` of mkGuest keeps folders',
  '--rm': "'mvmctl up' keeps only volumes; 'mvmctl rm' removes a VM",
  '--image': 'the image comes from the flake; --flake and --profile choose it',
  '--network': 'every VM has its own network, with outbound access',
  '--hypervisor': 'MVM_BACKEND or `backend` in mvm.toml chooses what runs the VM',
  '--backend': 'MVM_BACKEND or `backend` in mvm.toml chooses what runs the VM',
  '--disk': '`data_disk` in mvm.toml sets the size of a new disk',
  '--reset': "only a dev VM keeps its disk; 'mvmctl dev up --reset' empties it",
  '--privileged': 'root in a VM has full rights in that VM, and none on the host',
};
