/** Every environment variable that mvmctl reads; docs/reference/settings.md is made from this table. */
export const variables: Record<string, string> = {
  MVM_STATE_DIR: 'folder for VMs and their disks, instead of `$XDG_STATE_HOME/mvm` or `~/.local/state/mvm`',
  MVM_CACHE_DIR: 'folder for downloads and images, instead of `$XDG_CACHE_HOME/mvm` or `~/.cache/mvm`',
  MVM_RUNTIME_DIR: 'folder for sockets, instead of `$XDG_RUNTIME_DIR/mvm` or `run` in the state folder',
  MVM_CONFIG: 'configuration file, instead of `~/.config/mvm/config.toml`',
  MVM_DEBIAN_MIRROR: 'Debian mirror, instead of the one in apt’s configuration',
  MVM_VCPUS: 'virtual CPUs; overrides `vcpus` in mvm.toml, and `--vcpus` overrides it',
  MVM_MEMORY: 'memory, such as `1G`; overrides `memory_mib` in mvm.toml, and `--memory` overrides it',
  MVM_BACKEND: 'what runs the VM (`qemu`); overrides `backend` in mvm.toml',
  MVM_FLAKE: 'the flake to build; overrides `flake` in mvm.toml',
  MVM_PROFILE: 'the flake output to build; overrides `profile` in mvm.toml',
  MVM_NIXPKGS:
    '`debian` or a flake reference, to replace the flake’s `nixpkgs`; overrides `[inputs]` in mvm.toml',
  MVM_BUILDER: 'where Nix runs: `vm` (the builder VM) or `host` (this host); `build --builder` overrides it',
  MVM_QEMU_X86_64: 'the `qemu-system-x86_64` to use',
  MVM_QEMU_AARCH64: 'the `qemu-system-aarch64` to use',
  MVM_TEMPLATES:
    '`off`: boot every VM, and make no templates; `use`: make none in the background; `on` unless given',
  MVM_BOOT_TIMEOUT: 'seconds to wait for a guest to become ready; 30 unless given, 120 under emulation',
  MVM_DETACH_KEYS: 'keys that detach from a console; `ctrl-],ctrl-]` unless given',
  MVM_PROGRESS:
    'how progress is shown on stderr: `plain`, `json` or `none`; a live line on terminals unless given',
  MVM_NODE: 'the Node that a checkout’s launcher runs',
  NO_COLOR: 'set it to turn off colour',
  FORCE_COLOR: 'set it to use colour even without a terminal',
};
