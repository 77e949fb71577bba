/**
 * Every error a user can meet, by code. Append-only: a code, once released, keeps its meaning.
 * `docs/reference/errors.md` is generated from this table.
 *
 * `exit` is the process's exit status: 2 for a wrong call, 1 for everything else, except where a shell
 * convention says otherwise (126, 127).
 */
export const codes = {
  USAGE: { exit: 2, means: 'The command line is wrong: an unknown command, flag or value.' },
  VM_NOT_FOUND: { exit: 1, means: 'There is no VM with that name.' },
  VM_NOT_RUNNING: { exit: 1, means: 'The VM exists but is not running.' },
  VM_RUNNING: { exit: 1, means: 'The VM is running, but must be stopped for this operation.' },
  VM_BUSY: { exit: 1, means: 'Another mvmctl has held the lock on this VM for too long.' },
  VM_BROKEN: { exit: 1, means: "The VM's record on disk can't be read." },
  STATE_VERSION: { exit: 1, means: 'A state file was written by a newer mvmctl.' },
  STATE_WRITE: { exit: 1, means: 'A file could not be written (disk full, permissions).' },
  PATH_TOO_LONG: { exit: 1, means: 'The path of the runtime folder is too long for a Unix socket.' },
  CONFIG_INVALID: { exit: 1, means: 'mvm.toml or the configuration file has a mistake.' },
  BACKEND_MISSING: { exit: 1, means: 'No backend can run here (QEMU is not installed or too old).' },
  BACKEND_UNSUPPORTED: { exit: 1, means: 'The backend does not support a setting.' },
  BACKEND_FAILED: { exit: 1, means: 'The VMM (QEMU) did not start, or died.' },
  RESOURCES: { exit: 1, means: 'More memory or vCPUs were asked for than the host has.' },
  BOOT_FAILED: { exit: 1, means: 'The guest reported that its boot failed, or its kernel panicked.' },
  BOOT_TIMEOUT: { exit: 1, means: 'The guest did not become ready in time.' },
  GUEST_PROTOCOL: { exit: 1, means: 'The guest sent bytes that break the protocol.' },
  GUEST_LOST: { exit: 1, means: 'The connection to the guest ended before the operation did.' },
  GUEST_REFUSED: { exit: 1, means: 'The guest refused the operation.' },
  CHANNELS_BUSY: { exit: 1, means: "All of the VM's channels are in use." },
  EXEC_NOT_FOUND: { exit: 127, means: 'The program for exec does not exist in the guest.' },
  EXEC_NOT_EXECUTABLE: { exit: 126, means: 'The program for exec is not executable in the guest.' },
  MIRROR_UNKNOWN: { exit: 1, means: 'No Debian mirror is configured.' },
  MIRROR_UNREACHABLE: { exit: 1, means: 'The Debian mirror did not answer, or the connection broke off.' },
  SIGNATURE_INVALID: { exit: 1, means: 'The archive index is not signed with a trusted key.' },
  CHECKSUM_MISMATCH: { exit: 1, means: 'A file does not have the checksum that the index gives for it.' },
  PACKAGE_NOT_FOUND: { exit: 1, means: 'A Debian package is not in the index.' },
  PACKAGE_INVALID: { exit: 1, means: 'A package file is damaged or has an unknown format.' },
  DOWNLOAD_FAILED: { exit: 1, means: 'A download failed.' },
  IMAGE_INVALID: { exit: 1, means: 'An image is incomplete or damaged, or has an unknown version.' },
  KERNEL_INVALID: { exit: 1, means: 'A kernel file has an unknown format.' },
  SETUP_NEEDED: {
    exit: 1,
    means: 'Something must be installed that mvmctl is not allowed to install itself.',
  },
  NOT_A_TERMINAL: { exit: 1, means: 'The command needs a terminal on standard input or output.' },
  INTERRUPTED: {
    exit: 130,
    means: 'Stopped by Ctrl-C or by another signal (the status is 128 plus its number).',
  },
  INDEX_INVALID: { exit: 1, means: 'The archive index is expired, incomplete, or for another suite.' },
  BUILD_FAILED: { exit: 1, means: 'Nix could not build or fetch something.' },
  EVAL_FAILED: { exit: 1, means: 'Nix could not evaluate the flake.' },
  BUILDER_FAILED: { exit: 1, means: 'The builder VM ended, or its store is full or damaged.' },
  SOURCE_INVALID: {
    exit: 1,
    means:
      'A file in the project can’t be part of a build: it is a special file, unreadable, or changed while it was being read.',
  },
  OUTPUT_MISSING: { exit: 1, means: 'The flake has no output for the requested profile.' },
  VERIFY_FAILED: {
    exit: 1,
    means: 'An image is not what it says it is, or not what a sealed image must be.',
  },
  NOT_SEALED: { exit: 1, means: 'An image is accessible, but a sealed one is required.' },
  SERVICE_NOT_FOUND: { exit: 1, means: 'The VM has no service with that name.' },
  SERVICE_FAILED: { exit: 1, means: 'A service or the entrypoint did not become ready.' },
  GUEST_SILENT: { exit: 1, means: 'The guest does not answer, or its VMM is frozen.' },
  SEALED: { exit: 1, means: 'The image is sealed: it has no console, no exec and no control of services.' },
  STATE_UNSAFE: {
    exit: 1,
    means: "One of mvmctl's folders belongs to another user, or other users can write to it.",
  },
  FILE_UNUSABLE: { exit: 1, means: 'A file or folder is missing, unreadable, or of the wrong kind.' },
  STORE_DAMAGED: { exit: 1, means: 'The builder’s store is damaged, even after it was recreated.' },
  FILE_EXISTS: { exit: 1, means: 'A file that a command would write already exists, and has been kept.' },
  PORT_TAKEN: { exit: 1, means: 'A port on this host that is to be forwarded is in use by another process.' },
  PORT_REFUSED: { exit: 1, means: 'A port can’t be forwarded: the system or the image does not allow it.' },
  COMPANION_FAILED: { exit: 1, means: "The VM's companion process, which forwards ports, did not start." },
  TREE_REFUSED: {
    exit: 1,
    means:
      'What a guest sent to be copied, or what was to be copied to it, would have left its target, or is malformed.',
  },
  CHANGES_CONFLICT: {
    exit: 1,
    means: "The host changed files meanwhile that a guest's changes are of; none of them were applied.",
  },
  CHANGES_PROTECTED: {
    exit: 1,
    means: "A guest's changes are of protected files, which have to be asked for.",
  },
} as const satisfies Record<string, { exit: number; means: string }>;

export type ErrorCode = keyof typeof codes;
