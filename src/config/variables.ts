/** Every environment variable that mvmctl reads; docs/reference/settings.md is made from this table. */
export const variables: Record<string, string> = {
  MVM_STATE_DIR: 'folder for VMs and their disks, instead of `$XDG_STATE_HOME/mvm` or `~/.local/state/mvm`',
  MVM_CACHE_DIR: 'folder for downloads and images, instead of `$XDG_CACHE_HOME/mvm` or `~/.cache/mvm`',
  MVM_RUNTIME_DIR: 'folder for sockets, instead of `$XDG_RUNTIME_DIR/mvm` or `run` in the state folder',
  MVM_CONFIG: 'configuration file, instead of `~/.config/mvm/config.toml`',
  MVM_DEBIAN_MIRROR: 'Debian mirror, instead of the one in apt’s configuration',
  MVM_QEMU_X86_64: 'the qemu-system-x86_64 to use',
  MVM_QEMU_AARCH64: 'the qemu-system-aarch64 to use',
  MVM_BOOT_TIMEOUT: 'seconds that a guest may take to become ready (30; 120 under emulation)',
  MVM_DETACH_KEYS: 'keys that detach from a console (`ctrl-],ctrl-]`)',
  MVM_PROGRESS: '`plain`, `json` or `none`: how progress is shown on stderr (a live line on terminals)',
  MVM_NODE: 'the Node for a checkout’s launcher',
  NO_COLOR: 'no colour',
  FORCE_COLOR: 'colour even without a terminal',
};
