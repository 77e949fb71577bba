import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import { phase } from '../../events/events.ts';
import type { Architecture } from '../state/record.ts';
import type { Surroundings } from '../surroundings.ts';
import { exists, home, isCheckout } from './installation.ts';

/** `init` lets people in; `init-sealed` is the one of sealed images; `mvm-ssh` is the SSH server that the first is given. */
export type AgentName = 'init' | 'init-sealed' | 'mvm-ssh';

export interface Agent {
  path: string;
  /** Of the file, in hex. */
  sha256: string;
}

/**
 * A guest agent: in a checkout the one built there, else what the package brings, which are the sealed one and the server (the
 * first is in the package's images). Throws SETUP_NEEDED, IMAGE_INVALID.
 */
export async function guestAgent(arch: Architecture, name: AgentName, options: Surroundings): Promise<Agent> {
  const inCheckout = await isCheckout();
  const path = agentPath(arch, name, inCheckout);
  if (!(await exists(path))) {
    if (!inCheckout) {
      throw new MvmError(
        'IMAGE_INVALID',
        `This installation has no agent for ${arch} (looked for ${path}).`,
        {
          hint: 'npm install -g mvm   (install the package again)',
        },
      );
    }
    await buildAgent(arch, options);
  }
  return { path, sha256: await digestOf(path) };
}

function agentPath(arch: Architecture, name: AgentName, inCheckout: boolean): string {
  return inCheckout ? join(home, 'build', 'agent', arch, name) : join(home, 'agents', arch, name);
}

async function digestOf(path: string): Promise<string> {
  return (await readFile(`${path}.sha256`, 'utf8')).trim();
}

/** The SHA-256 of a checkout's agent; undefined where it is not built yet. Builds nothing. */
export async function builtAgentDigest(arch: Architecture): Promise<string | undefined> {
  const path = agentPath(arch, 'init', true);
  return (await exists(`${path}.sha256`)) ? digestOf(path) : undefined;
}

/** A checkout builds the other architecture's agents when they are first asked for. */
async function buildAgent(arch: Architecture, { emit, signal }: Surroundings): Promise<void> {
  const script = join(home, 'scripts', 'build.ts');
  const { run } = await import('../../process/run.ts');
  await phase(emit, 'agent', `Building the guest agent (${arch})`, async () => {
    const result = await run([process.execPath, script, '--agent', arch], {
      maxOutputBytes: 1 << 20,
      signal,
    });
    if (result.status !== 0) {
      throw new MvmError('SETUP_NEEDED', `The guest agent for ${arch} does not build.`, {
        details: result.stderr.trim().split('\n').slice(-10),
        hint: `cd ${home} && node scripts/build.ts --agent ${arch}`,
      });
    }
  });
}
