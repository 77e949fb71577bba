import { closeSync, mkdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { HostTree } from '../tree/host-tree.ts';
import type { Names, Tree } from '../tree/tree.ts';
import type { Overlay } from './apply/apply.ts';
import { OverlayTree } from './overlay-tree.ts';
import { Upper } from './upper/upper.ts';

export interface TestOverlay {
  /** The folder of the host, and that of the VM. */
  host: string;
  state: string;
  lower: HostTree;
  upper: Upper;
  tree: OverlayTree;
  overlay: Overlay;
  /** As another process would open it. */
  reopen(): void;
}

export function makeOverlay(fill: (host: string) => void = () => {}): TestOverlay {
  const dir = temporaryFolder('mvm-overlay-');
  const [host, state] = [join(dir, 'host'), join(dir, 'state')];
  mkdirSync(host);
  fill(host);
  const open = () => {
    const [lower, upper] = [new HostTree(host), new Upper(state)];
    const overlay = { root: host, lower, upper };
    return { lower, upper, overlay, tree: new OverlayTree(lower, upper) };
  };
  const made: TestOverlay = {
    ...{ host, state, ...open() },
    reopen() {
      made.tree.close();
      Object.assign(made, open());
    },
  };
  return made;
}

export const path = (text: string): Names => (text === '' ? [] : text.split('/'));

export function write(tree: Tree, name: string, text: string | Buffer, at = 0): void {
  let fd: number;
  try {
    fd = tree.create(path(name), 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    fd = tree.open(path(name), 'write');
  }
  try {
    writeSync(fd, Buffer.from(text), 0, Buffer.byteLength(text), at);
  } finally {
    closeSync(fd);
  }
}

export function read(tree: Tree, name: Names): Buffer {
  const fd = tree.open(name, 'read');
  try {
    const bytes = Buffer.alloc(tree.stat(name).size + 1);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** All that is seen in a tree: a line each. */
export function seen(tree: Tree, at: Names = [], links = true): string[] {
  const lines: string[] = [];
  for (const { name, type } of tree.list(at).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const here = [...at, name];
    const { mode, size, nlink } = tree.stat(here);
    if (type !== 0 && type !== (mode & 0o170000))
      lines.push(`${here.join('/')} is listed as ${type.toString(8)}`);
    const line = `${mode.toString(8)} ${here.join('/')}`;
    if ((mode & 0o170000) === 0o040000) lines.push(line, ...seen(tree, here, links));
    else if ((mode & 0o170000) === 0o120000)
      lines.push(`${line} -> ${tree.readLink(here).toString('latin1')}`);
    else lines.push(`${line} ${links ? nlink : ''} ${size} ${short(read(tree, here))}`);
  }
  return lines;
}

const short = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/(.)\1{3,}/gs, (run, one) => `${one}*${run.length}`);
