import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';

/** An input: the name of its node, or the path of the input that it follows, from the root. */
const inputs = v.record(v.string(), v.union([v.string(), v.array(v.string())]));
const nodeSchema = v.looseObject({ inputs: v.optional(inputs) });
const lockSchema = v.object({
  nodes: v.record(v.string(), nodeSchema),
  root: v.string(),
  version: v.number(),
});

type Node = v.InferOutput<typeof nodeSchema>;
/** flake.lock, version 7 (Nix's manual, "nix flake", lock files). */
export type FlakeLock = v.InferOutput<typeof lockSchema>;

/** Undefined for anything but a lock file that we know. */
export function parseFlakeLock(value: unknown): FlakeLock | undefined {
  const result = v.safeParse(lockSchema, value);
  return result.success ? result.output : undefined;
}

/**
 * The lock file that a project is to have after a build: what Nix locked, except for inputs that the build
 * replaced. Those stay as `old` has them, or absent, since Nix locks what is absent when it needs it; so does an
 * input that follows one that is absent. Undefined where there is nothing new to keep.
 * @param replaced inputs by name or path ("mvm", "mvm/nixpkgs"); one with a replaced part counts as replaced
 */
export function mergeLocks(
  old: FlakeLock | undefined,
  locked: FlakeLock,
  replaced: readonly string[],
): FlakeLock | undefined {
  const ours = new Set(replaced.map((path) => path.split('/')[0] ?? ''));
  const kept = Object.keys(rootInputs(locked)).filter(
    (name) => !ours.has(name) || (old !== undefined && name in rootInputs(old)),
  );
  for (;;) {
    const merged = gather(kept, (name) => (ours.has(name) ? (old ?? locked) : locked), locked.version);
    const dangling = kept.findIndex((name) => !resolves(merged, name));
    if (dangling < 0) {
      return kept.length === 0 || isDeepStrictEqual(merged, old) ? undefined : merged;
    }
    kept.splice(dangling, 1);
  }
}

/** As Nix writes it. */
export function renderLock(lock: FlakeLock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

function rootInputs(lock: FlakeLock): NonNullable<Node['inputs']> {
  return lock.nodes[lock.root]?.inputs ?? {};
}

function gather(names: readonly string[], from: (name: string) => FlakeLock, version: number): FlakeLock {
  const nodes: Record<string, Node> = {};
  const copied = new Map<Node, string>();
  const copy = (lock: FlakeLock, name: string): string => {
    const node = lock.nodes[name] ?? {};
    const known = copied.get(node);
    if (known !== undefined) return known;
    let free = name;
    for (let n = 2; free in nodes || free === 'root'; n++) free = `${name.replace(/_\d+$/, '')}_${n}`;
    nodes[free] = node;
    copied.set(node, free);
    if (node.inputs !== undefined) nodes[free] = { ...node, inputs: links(lock, node.inputs) };
    return free;
  };
  const links = (lock: FlakeLock, all: NonNullable<Node['inputs']>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, to]) => [name, typeof to === 'string' ? copy(lock, to) : to]),
    );
  const root: NonNullable<Node['inputs']> = {};
  for (const name of [...names].sort()) {
    const lock = from(name);
    Object.assign(root, links(lock, { [name]: rootInputs(lock)[name] ?? [] }));
  }
  const sorted = Object.entries({ ...nodes, root: { inputs: root } }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { nodes: Object.fromEntries(sorted), root: 'root', version };
}

/** Whether all that an input of the root needs is there. */
function resolves(lock: FlakeLock, name: string): boolean {
  const seen = new Set<string>();
  const visit = (to: string | readonly string[] | undefined): boolean => {
    if (to === undefined) return false;
    if (typeof to !== 'string') return find(lock, to);
    if (seen.has(to)) return true;
    seen.add(to);
    return Object.values(lock.nodes[to]?.inputs ?? {}).every(visit);
  };
  return visit(rootInputs(lock)[name]);
}

/** Whether a path of inputs from the root leads to a node. Bounded, as links may form a circle. */
function find(lock: FlakeLock, path: readonly string[], depth = 0): boolean {
  let node = lock.root;
  for (const [index, part] of path.entries()) {
    const to = lock.nodes[node]?.inputs?.[part];
    if (to === undefined || depth > 100) return false;
    if (typeof to !== 'string') return find(lock, [...to, ...path.slice(index + 1)], depth + 1);
    node = to;
  }
  return node in lock.nodes;
}
