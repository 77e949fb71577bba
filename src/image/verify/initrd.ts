import { type CpioItem, readCpio } from '../format/cpio-read.ts';
import { type Check, count, Findings } from './check.ts';

/** What an initrd holds, as the kernel unpacks it: of two files with one path the later. */
export interface Initrd {
  items: CpioItem[];
  init: Buffer | undefined;
  /** /mvm/image.json. */
  config: Buffer | undefined;
}

const folders = new Set(['dev', 'mvm', 'mvm/modules', 'mvm/modules/verity', 'proc', 'run', 'sys']);
const files = new Set(['init', 'mvm/image.json']);
const devices: Record<string, string> = { 'dev/console': '5:1', 'dev/null': '1:3' };
const moduleFile = /^mvm\/modules\/(?:verity\/)?[0-9]{2}-[A-Za-z0-9_-]+\.ko$/;

const FILE = 0o100000;
const FOLDER = 0o040000;
const LINK = 0o120000;
const DEVICE = 0o020000;
const SETUID_SETGID = 0o6000;

/**
 * Reads the archives of an initrd, and checks that nothing is in them that mvm does not put there: the kernel
 * unpacks all of them, one over the other. `rootInside` says that the image's root is in it, under /rootfs.
 * @throws MvmError IMAGE_INVALID where it can't be read
 */
export function readInitrd(bytes: Buffer, rootInside: boolean): { initrd: Initrd; check: Check } {
  const items = readCpio(bytes);
  const found = new Findings();
  const seen = new Map<string, CpioItem>();
  for (const item of items) {
    const wrong = problem(item, seen.get(item.path), seen, rootInside);
    if (wrong !== undefined) found.fail(`/${item.path} ${wrong}`);
    seen.set(item.path, item);
  }
  for (const name of files) if (!seen.has(name)) found.fail(`/${name} is missing`);
  const archives = new Set(items.map(({ archive }) => archive)).size;
  const modules = items.filter(({ path }) => moduleFile.test(path)).length;
  const read = `${count(items.length, 'entry').replace('entrys', 'entries')} in ${count(archives, 'archive')}, ${count(modules, 'kernel module')}`;
  return {
    initrd: { items, init: content(seen.get('init')), config: content(seen.get('mvm/image.json')) },
    check: found.check('initrd', read),
  };
}

function content(item: CpioItem | undefined): Buffer | undefined {
  return item !== undefined && (item.mode & 0o170000) === FILE ? item.data : undefined;
}

function problem(
  item: CpioItem,
  earlier: CpioItem | undefined,
  seen: ReadonlyMap<string, CpioItem>,
  rootInside: boolean,
): string | undefined {
  const { path, mode } = item;
  const type = mode & 0o170000;
  // The kernel resolves these; only one spelling of a path can be compared.
  if (path.split('/').some((step) => ['', '.', '..'].includes(step))) return 'is an unusual path';
  if (earlier !== undefined && !(type === FOLDER && (earlier.mode & 0o170000) === FOLDER)) {
    return `appears a second time, in archive ${item.archive + 1}, and replaces the first`;
  }
  // What follows in this name's place could be written through it.
  for (let i = path.indexOf('/'); i > 0; i = path.indexOf('/', i + 1)) {
    const parent = seen.get(path.slice(0, i));
    if (parent !== undefined && (parent.mode & 0o170000) !== FOLDER)
      return 'is below something that is not a folder';
  }
  // The kernel writes the content of a later link into the first file.
  if (type === FILE && item.links > 1) return 'is a hard link';
  const inRoot = path === 'rootfs' || path.startsWith('rootfs/');
  if (inRoot) return rootInside ? undefined : 'is not expected: the root is in rootfs.erofs';
  if (item.uid !== 0 || item.gid !== 0) return `belongs to ${item.uid}:${item.gid}, not to root`;
  if ((mode & SETUID_SETGID) !== 0) return 'is setuid or setgid';
  if (type === FOLDER && folders.has(path)) return undefined;
  if (type === FILE && (files.has(path) || moduleFile.test(path))) return undefined;
  if (type === DEVICE && devices[path] === `${item.major}:${item.minor}`) return undefined;
  const kinds: Record<number, string> = { [FILE]: 'file', [FOLDER]: 'folder', [LINK]: 'link' };
  return `is not expected: mvm puts no such ${kinds[type] ?? 'special file'} there`;
}
