import type { TomlWords } from './toml-file.ts';

const inMkGuest = (argument: string) => ({
  why: `it belongs to the image: \`${argument}\` of mkGuest in flake.nix`,
});

/** What people write in an mvm.toml who come from elsewhere, and how each of ours is right. */
export const projectWords = {
  foreign: {
    cpu: { ours: 'vcpus' },
    cores: { ours: 'vcpus' },
    processors: { ours: 'vcpus' },
    memory: { ours: 'memory_mib' },
    ram: { ours: 'memory_mib' },
    memory_mb: { ours: 'memory_mib' },
    output: { ours: 'profile' },
    package: { ours: 'profile' },
    target: { ours: 'profile' },
    environment: { ours: 'env' },
    variables: { ours: 'env' },
    disk: { ours: 'data_disk' },
    disk_size: { ours: 'data_disk' },
    nixpkgs: { why: 'it belongs in a table: [inputs] and below it nixpkgs = "debian"' },
    network: {
      why: 'every VM has its own network, with outbound access and no options; ports on this host lead in ([ports])',
    },
    entrypoint: inMkGuest('entrypoint'),
    packages: inMkGuest('packages'),
    services: inMkGuest('services'),
    volumes: inMkGuest('volumes'),
    users: inMkGuest('users'),
    hostname: inMkGuest('hostname'),
  },
  forms: {
    flake: 'flake = "."',
    profile: 'profile = "dev"',
    vcpus: 'vcpus = 2',
    cpus: 'cpus = 2',
    memory_mib: 'memory_mib = 1024',
    mem: 'mem = "2G"',
    data_disk: 'data_disk = "32G"',
    name: 'name = "my-app"',
    backend: 'backend = "qemu"',
    hypervisor: 'hypervisor = "qemu"',
    ports: '[ports] and below it forward = [ "8080:80" ]',
    'ports.forward': 'forward = [ "8080:80", 5432 ]',
    'ports.host': 'host = [ 5432, "6379:16379" ]',
    dev: '[dev] and below it forward = "declared"',
    'dev.forward': 'forward = "declared"',
    'dev.files': 'files = { "~/.vimrc" = "~/.vimrc" }',
    'dev.git_identity': 'git_identity = false',
    env: '[env] and below it NAME = "value"',
    inputs: '[inputs] and below it nixpkgs = "debian"',
  },
} satisfies TomlWords;
