import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';

/** Go's names of the architectures. */
export const goArch = { x86_64: 'amd64', aarch64: 'arm64' } as const;
export type Arch = keyof typeof goArch;

/** The programs of the guest, in guest/cmd/. */
export type GuestProgram = 'mvm-init' | 'mvm-ssh';

/** The agent's first instructions are its own. */
const linkerFlags: Record<GuestProgram, string> = { 'mvm-init': ' -E main.start', 'mvm-ssh': '' };

/** Compiles the guest agent or another program of the guest, with Go's build tags. Resolves with the compiler's status and words; rejects where Go is missing. */
export async function compileAgent(
  arch: Arch,
  tags: readonly string[],
  out: string,
  version: string,
  program: GuestProgram = 'mvm-init',
): Promise<{ status: number | null; said: string }> {
  const go = spawn(
    'go',
    [
      'build',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      `-s -w${linkerFlags[program]} -X main.version=${version}`,
      '-tags',
      tags.join(','),
      '-o',
      out,
      `./cmd/${program}`,
    ],
    {
      cwd: join(dirname(import.meta.dirname), 'guest'),
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOOS: 'linux',
        GOARCH: goArch[arch],
        GOFLAGS: '-mod=readonly',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  go.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [status] = (await once(go, 'close')) as [number | null];
  return { status, said };
}
