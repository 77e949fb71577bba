import { DIRECTORY, fileType, type Inode, REGULAR, SYMLINK } from '../format/erofs/inode.ts';
import type { Erofs } from '../format/erofs/superblock.ts';
import { walk } from '../format/erofs/walk.ts';
import { type Check, count, Findings, skipped } from './check.ts';

const SETUID = 0o4000;
const SETGID = 0o2000;
const STICKY = 0o1000;
const WORLD_WRITABLE = 0o0002;
const EXECUTABLE = 0o0111;

/** Programs that let others log in over SSH, under the names that their packages give them. */
const sshServers =
  /^\.?(?:sshd|sshd-session|sshd-auth|dropbear|dropbearmulti|tinysshd|lshd|sesh-server)(?:-wrapped)?$/;
/** Folders in which a link of that name is a program. */
const programFolder = /\/(?:s?bin|libexec|lib)\//;

const names = ['privileges', 'writable', 'ssh'] as const;

/** Visits everything in the root. The three checks are those of a sealed image; `sealed` false leaves them out. */
export async function checkRootfs(erofs: Erofs, sealed: boolean, signal: AbortSignal): Promise<Check[]> {
  const found = { privileges: new Findings(), writable: new Findings(), ssh: new Findings() };
  const counts = { files: 0, folders: 0, links: 0, programs: 0 };
  await walk(erofs, signal, ({ path, inode }) => {
    const { mode } = inode;
    const type = fileType(mode);
    if (type === REGULAR) counts.files++;
    if (type === DIRECTORY) counts.folders++;
    if (type === SYMLINK) counts.links++;
    if (isProgram(inode)) counts.programs++;
    privileges(path, inode, found.privileges);
    if (type !== SYMLINK && (mode & WORLD_WRITABLE) !== 0 && !(type === DIRECTORY && (mode & STICKY) !== 0)) {
      found.writable.fail(`${path} can be written to by everybody (${(mode & 0o7777).toString(8)})`);
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (sshServers.test(name) && (isProgram(inode) || (type === SYMLINK && programFolder.test(path)))) {
      found.ssh.fail(`${path} is an SSH server by its name`);
    }
  });
  const all = `${count(counts.files, 'file')}, ${count(counts.folders, 'folder')}, ${count(counts.links, 'link')}`;
  const rootfs = new Findings().check('rootfs', `EROFS: ${all}`);
  if (!sealed) return [rootfs, ...names.map((name) => skipped(name, accessibleImage))];
  return [
    rootfs,
    found.privileges.check('privileges', 'no setuid, no setgid, no capabilities, no device nodes'),
    found.writable.check('writable', 'nothing for everybody to write to but folders like /tmp'),
    found.ssh.check('ssh', `no SSH server among ${count(counts.programs, 'program')}, by name`),
  ];
}

export const accessibleImage = 'not asked of an accessible image';

function isProgram({ mode }: Inode): boolean {
  return fileType(mode) === REGULAR && (mode & EXECUTABLE) !== 0;
}

function privileges(path: string, inode: Inode, found: Findings): void {
  const { mode } = inode;
  const type = fileType(mode);
  if (type === REGULAR && (mode & SETUID) !== 0) found.fail(`${path} is setuid`);
  if (type === REGULAR && (mode & SETGID) !== 0) found.fail(`${path} is setgid`);
  if (![REGULAR, DIRECTORY, SYMLINK].includes(type))
    found.fail(`${path} is a device node, a pipe or a socket`);
  // A file's capabilities are one of them, and an access control list is another; images are made without any.
  if (inode.hasAttributes) found.fail(`${path} has extended attributes, where capabilities can be`);
}
