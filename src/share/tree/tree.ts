/**
 * A path below a tree's root: its names, each as latin1, one character a byte, since file names are bytes. None is empty, `.` or
 * `..`, and none has a `/` or a NUL: whoever takes them from a guest has checked that. The root is `[]`.
 */
export type Names = readonly string[];

/** What a tree says of a file; times in nanoseconds since 1970. */
export interface Attributes {
  /** The same as long as it is the same file, under whatever name; another one where another file took its name or number. */
  identity: string;
  /** What the guest sees as its number. */
  ino: bigint;
  /** Type and permissions, as in stat(2). */
  mode: number;
  size: number;
  nlink: number;
  /** Of 512 bytes. */
  blocks: number;
  rdev: number;
  atimeNs: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

/** Permissions that may be set: neither set-user-ID nor set-group-ID. */
export const settable = 0o1777;

export interface Entry {
  name: string;
  /** The type as `mode` of Attributes has it (S_IFMT); 0 where it is unknown. */
  type: number;
}

export interface Space {
  blockSize: number;
  blocks: number;
  free: number;
  available: number;
  files: number;
  freeFiles: number;
}

/** Times to be set, in nanoseconds since 1970. */
export interface Times {
  atimeNs: bigint;
  mtimeNs: bigint;
}

/**
 * The files of a share as a guest sees them. Everything is relative to a root that was opened once: no operation follows a
 * symbolic link or leaves it, whoever changes the files meanwhile. Each throws the system's error (`code`: ENOENT, EEXIST, …).
 */
export interface Tree {
  stat(path: Names): Attributes;
  list(path: Names): Entry[];
  /** The text of a symbolic link. */
  readLink(path: Names): Buffer;
  /** Opens a regular file, for reading or for both; the descriptor is the caller's. */
  open(path: Names, access: 'read' | 'write'): number;
  /** False of a file whose change may be refused; whoever asks this tries nothing. Absent: none is. */
  mayWrite?(path: Names): boolean;
  /** Creates a file that must not be there; its descriptor, for both, is the caller's. */
  create(path: Names, mode: number): number;
  makeFolder(path: Names, mode: number): void;
  makeLink(path: Names, text: Buffer): void;
  /** Another name for a regular file. */
  link(from: Names, to: Names): void;
  /** @param keep fails with EEXIST where `to` is there, instead of replacing it */
  rename(from: Names, to: Names, keep: boolean): void;
  remove(path: Names): void;
  removeFolder(path: Names): void;
  /** Permissions of a file or folder. */
  setMode(path: Names, mode: number): void;
  setTimes(path: Names, times: Times): void;
  /** Where names and attributes are kept apart from contents: they survive a power cut from now on. */
  sync?(): void;
  space(): Space;
  /**
   * Tells of changes in a folder, with the name as far as it is known, until `close`; undefined where this file system has no
   * events or there are as many watches as this user may have.
   */
  watch(path: Names, onChange: (name: string | undefined) => void): { close(): void } | undefined;
  close(): void;
}
