import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';
import { terminate } from './terminate.ts';

async function child(script: string): Promise<{ process: ChildProcess; identity: ProcessIdentity }> {
  const started = spawn('sh', ['-c', `${script} echo ready; while :; do sleep 0.05; done`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(started.stdout, 'data');
  const identity = await identify(started.pid ?? 0);
  if (identity === undefined) throw new Error('the child is gone');
  return { process: started, identity };
}

describe('terminate', () => {
  it('ends a process with TERM', async () => {
    const { process: started, identity } = await child('');
    const exit = once(started, 'exit');
    await terminate(identity, { graceMs: 5000 });
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(await isAlive(identity)).toBe(false);
  });
  it('ends a process that ignores TERM with KILL', async () => {
    const { process: started, identity } = await child("trap '' TERM;");
    const exit = once(started, 'exit');
    await terminate(identity, { graceMs: 100 });
    expect(await exit).toEqual([null, 'SIGKILL']);
  });
  it('leaves a process alone that only has the same pid', async () => {
    const { process: started, identity } = await child('');
    await terminate({ pid: identity.pid, startTime: 'another' }, { graceMs: 0 });
    expect(await isAlive(identity)).toBe(true);
    started.kill('SIGKILL');
  });
});
