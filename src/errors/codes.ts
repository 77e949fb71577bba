/**
 * Every error a user can meet, by code. Append-only: a code, once released, keeps its meaning.
 * `docs/reference/errors.md` is generated from this table.
 *
 * `exit` is the process's exit status: 2 for a wrong call, 1 for everything else, except where a shell
 * convention says otherwise (126, 127).
 */
export const codes = {
  USAGE: { exit: 2, means: 'The command line is wrong: unknown command, flag or value.' },
  VM_NOT_FOUND: { exit: 1, means: 'No VM of that name exists.' },
  VM_NOT_RUNNING: { exit: 1, means: 'The VM exists but is stopped.' },
  VM_RUNNING: { exit: 1, means: 'The VM is running, and the operation needs it stopped.' },
  VM_BUSY: { exit: 1, means: 'Another mvmctl holds the lock of this VM for longer than it may take.' },
  VM_BROKEN: { exit: 1, means: "The VM's record on disk can't be read." },
  STATE_VERSION: { exit: 1, means: 'A state file was written by a newer mvmctl.' },
  STATE_WRITE: { exit: 1, means: 'A file could not be written (disk full, permissions).' },
  PATH_TOO_LONG: { exit: 1, means: 'The runtime directory is too long for a Unix socket.' },
  CONFIG_INVALID: { exit: 1, means: 'mvm.toml or the configuration file is wrong.' },
  BACKEND_MISSING: { exit: 1, means: 'No backend can run here (QEMU is not installed or too old).' },
  BACKEND_UNSUPPORTED: { exit: 1, means: 'The backend cannot honour a setting.' },
  BACKEND_FAILED: { exit: 1, means: 'The VMM did not start or died.' },
  RESOURCES: { exit: 1, means: 'More memory or vCPUs were asked for than the host has.' },
  BOOT_FAILED: { exit: 1, means: 'The guest reported that its boot failed, or its kernel panicked.' },
  BOOT_TIMEOUT: { exit: 1, means: 'The guest did not become ready in time.' },
  GUEST_PROTOCOL: { exit: 1, means: 'The guest sent bytes that break the protocol.' },
  GUEST_LOST: { exit: 1, means: 'The connection to the guest ended before the operation did.' },
  GUEST_REFUSED: { exit: 1, means: 'The guest refused the operation.' },
  CHANNELS_BUSY: { exit: 1, means: "All of the VM's channels are in use." },
  EXEC_NOT_FOUND: { exit: 127, means: 'The program of an exec does not exist in the guest.' },
  EXEC_NOT_EXECUTABLE: { exit: 126, means: 'The program of an exec is not executable in the guest.' },
  MIRROR_UNKNOWN: { exit: 1, means: 'No Debian mirror is configured.' },
  MIRROR_UNREACHABLE: { exit: 1, means: 'The Debian mirror did not answer or broke off.' },
  SIGNATURE_INVALID: { exit: 1, means: "The archive index's signature is not from a trusted key." },
  CHECKSUM_MISMATCH: { exit: 1, means: 'A file does not have the checksum its index promises.' },
  PACKAGE_NOT_FOUND: { exit: 1, means: 'A Debian package is not in the index.' },
  PACKAGE_INVALID: { exit: 1, means: 'A package file is damaged or of an unknown format.' },
  DOWNLOAD_FAILED: { exit: 1, means: 'A download failed.' },
  IMAGE_INVALID: { exit: 1, means: 'An image is incomplete, damaged or of an unknown version.' },
  KERNEL_INVALID: { exit: 1, means: 'A kernel file is not of a known format.' },
  SETUP_NEEDED: { exit: 1, means: 'Something has to be installed that mvmctl may not install itself.' },
  NOT_A_TERMINAL: { exit: 1, means: 'The command needs a terminal on standard input.' },
  INTERRUPTED: { exit: 130, means: 'Stopped by Ctrl-C, or by a signal (128 and its number).' },
  INDEX_INVALID: { exit: 1, means: 'The archive index is of another suite, expired or incomplete.' },
  BUILD_FAILED: { exit: 1, means: 'Nix could not build or fetch what was asked for.' },
  EVAL_FAILED: { exit: 1, means: 'Nix could not evaluate the flake.' },
  BUILDER_FAILED: { exit: 1, means: 'The builder VM ended, or its store is full or damaged.' },
  SOURCE_INVALID: {
    exit: 1,
    means: 'A file of the project can’t go into a build: special, unreadable, or changed while it was read.',
  },
  OUTPUT_MISSING: { exit: 1, means: 'The flake has no output of the profile that is asked for.' },
  VERIFY_FAILED: { exit: 1, means: 'An image is not what it says, or not what a sealed image has to be.' },
  NOT_SEALED: { exit: 1, means: 'An image is accessible where a sealed one is asked for.' },
  SERVICE_NOT_FOUND: { exit: 1, means: 'The VM has no service of that name.' },
  SERVICE_FAILED: { exit: 1, means: 'A service or the entrypoint did not become ready.' },
  GUEST_SILENT: { exit: 1, means: 'The guest does not answer, or its VMM stands still.' },
  SEALED: { exit: 1, means: 'The image is sealed: console, exec and control of services are not in it.' },
  STATE_UNSAFE: {
    exit: 1,
    means: "A folder of mvmctl's belongs to somebody else, or others can write to it.",
  },
  FILE_UNUSABLE: { exit: 1, means: 'A file or folder is of the wrong kind, gone, or not readable.' },
  STORE_DAMAGED: { exit: 1, means: 'The builder’s store is damaged, also after it was made anew.' },
  FILE_EXISTS: { exit: 1, means: 'A file that a command would write is there already, and is kept.' },
} as const satisfies Record<string, { exit: number; means: string }>;

export type ErrorCode = keyof typeof codes;
