import { spawnSync } from 'node:child_process';

/** What the tests use besides mvmctl's own needs: Debian package and the program that shows it is there. */
const packages: Record<string, { program: string; parts: string[] }> = {
  'qemu-system-x86': { program: 'qemu-system-x86_64', parts: ['cli', 'vm'] },
  'qemu-system-arm': { program: 'qemu-system-aarch64', parts: ['cli', 'vm'] },
  e2fsprogs: { program: 'e2fsck', parts: ['unit'] },
  'erofs-utils': { program: 'mkfs.erofs', parts: ['unit', 'cli', 'vm'] },
  'cryptsetup-bin': { program: 'veritysetup', parts: ['unit'] },
  'openssh-client': { program: 'ssh', parts: ['vm'] },
  rsync: { program: 'rsync', parts: ['vm'] },
  git: { program: 'git', parts: ['share', 'vm'] },
  tmux: { program: 'tmux', parts: ['vm'] },
};

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/** Installs what is missing as root through apt; elsewhere says the one command and stops. */
export function requirements(wanted: readonly string[]): void {
  const missing = Object.entries(packages)
    .filter(([, { parts }]) => wanted.length === 0 || parts.some((part) => wanted.includes(part)))
    .filter(([, { program }]) => !has(program))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !has('apt-get')) {
    process.stderr.write(`error: the tests need ${missing.join(', ')}.\n  → ${install}\n`);
    process.exit(1);
  }
  process.stdout.write(`\n== installing ${missing.join(', ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const command of ['apt-get update -qq', install]) {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
    if (status !== 0) {
      process.stderr.write(`${stdout}${stderr}\nerror: ${command} failed\n`);
      process.exit(1);
    }
  }
}
