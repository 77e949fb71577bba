import { closeSync, fstatSync, readSync } from 'node:fs';
import { systemCode } from '../../../errors/mvm-error.ts';
import type { HostTree } from '../../tree/host-tree.ts';
import type { Attributes } from '../../tree/tree.ts';
import { kindOf, namesOf } from '../lower.ts';
import type { Contents } from '../upper/contents.ts';
import { digestOf, digestOfText } from '../upper/digest.ts';
import type { Base, Node } from '../upper/model.ts';

const piece = 1 << 18;

/** Whether what the guest has is what the host has at that place now, but for times and permissions. */
export function isSame(
  lower: HostTree,
  contents: Contents,
  node: Node,
  key: string,
  found: Attributes,
): boolean {
  const kind = kindOf(found.mode);
  if (kind !== node.kind || kind === 'folder') return kind === node.kind;
  if (node.text !== undefined)
    return kind === 'link' && lower.readLink(namesOf(key)).equals(Buffer.from(node.text, 'latin1'));
  if (!node.hasData) return node.origin === key;
  return using(contents.open(node.id, 'read'), (own) => {
    if (fstatSync(own).size !== found.size) return false;
    let host: number;
    try {
      host = lower.open(namesOf(key), 'read');
    } catch (error) {
      if (systemCode(error) === 'EACCES') return false;
      throw error;
    }
    return using(host, (other) => isSameContent(own, other));
  });
}

/** Whether the guest has what the host had when the guest first changed it, as far as one can tell without that. */
export function isAsBase(contents: Contents, node: Node, base: Base): boolean {
  if (base.digest === undefined) return false;
  if (node.text !== undefined) return digestOfText(Buffer.from(node.text, 'latin1')) === base.digest;
  if (!node.hasData) return false;
  return using(
    contents.open(node.id, 'read'),
    (fd) => fstatSync(fd).size === base.size && digestOf(fd) === base.digest,
  );
}

function isSameContent(a: number, b: number): boolean {
  const [left, right] = [Buffer.allocUnsafe(piece), Buffer.allocUnsafe(piece)];
  for (let at = 0; ; ) {
    const [n, m] = [readSync(a, left, 0, piece, at), readSync(b, right, 0, piece, at)];
    if (n !== m || left.compare(right, 0, n, 0, n) !== 0) return false;
    if (n === 0) return true;
    at += n;
  }
}

function using<T>(fd: number, use: (fd: number) => T): T {
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
