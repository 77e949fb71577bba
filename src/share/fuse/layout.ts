/**
 * Numbers and sizes of FUSE's messages (include/uapi/linux/fuse.h of Linux, version 7.31 and later); all numbers in them are
 * little-endian, as on the architectures that guests have.
 */
export const opcodes = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  readlink: 5,
  symlink: 6,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  read: 15,
  write: 16,
  statfs: 17,
  fsync: 20,
  init: 26,
  readdir: 28,
  fsyncdir: 30,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  fallocate: 43,
  readdirplus: 44,
  rename2: 45,
  /** Not FUSE's: the guest's agent took the share up; `unique` is 1 where its kernel goes on with what an earlier host served. */
  attached: 0x6d76_6d00,
  /** Not FUSE's: the event whose number is `unique` has been made. */
  made: 0x6d76_6d01,
  /** Not FUSE's: programs in the guest can use the share. */
  ready: 0x6d76_6d02,
  /** Not FUSE's: the agent could not mount it; a text follows. */
  failed: 0x6d76_6d03,
} as const;

export const requestHeader = 40;
export const replyHeader = 16;
export const entrySize = 128;
export const attributesSize = 88;
/** The most that one message carries of a file's content. */
export const maxContent = 1 << 20;
/** The longest message, with a content and what is in front of it. */
export const maxMessage = maxContent + 4096;
export const maxName = 255;
export const rootId = 1;

/** What a FUSE_INIT may agree on, as far as this server does. */
export const initFlags = {
  asyncRead: 1 << 0,
  bigWrites: 1 << 5,
  autoInvalData: 1 << 12,
  readdirplus: 1 << 13,
  readdirplusAuto: 1 << 14,
  asyncDio: 1 << 15,
  noOpen: 1 << 17,
  parallelDirops: 1 << 18,
  maxPages: 1 << 22,
  cacheSymlinks: 1 << 23,
  noOpendir: 1 << 24,
} as const;

/** What a SETATTR sets. */
export const setFlags = {
  mode: 1 << 0,
  size: 1 << 3,
  atime: 1 << 4,
  mtime: 1 << 5,
  mtimeNow: 1 << 8,
} as const;

/** What a reply's `error` says where its `unique` is 0: a notification. */
export const notices = {
  invalidateInode: 2,
  invalidateEntry: 3,
  /** The kernel sends anew what was not answered; see fuse.h 7.40. */
  resend: 7,
  /** Not FUSE's: the agent makes an event (events.ts). */
  event: 0x6d76,
} as const;

/** Linux's numbers of errors; those of the host may be others. */
const errorNumbers: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOPNOTSUPP: 95,
  ENOTSUP: 95,
  ESTALE: 116,
  EDQUOT: 122,
};

/** What Node refuses (`ERR_OUT_OF_RANGE`) no file could have. */
export const errorNumber = (code = ''): number =>
  errorNumbers[code] ?? (code.startsWith('ERR_') ? errorNumbers.EINVAL : undefined) ?? 5;
