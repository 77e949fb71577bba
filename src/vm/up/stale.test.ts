import { expect, test } from 'vitest';
import type { MvmEvent } from '../../events/events.ts';
import type { RunningVm } from '../state/vm.ts';
import type { UpOptions } from './request.ts';
import { wantsRestart } from './stale.ts';

const source = { digest: 'abc', readAt: '2026-01-01T00:00:00.000Z' };
const vm = {
  name: 'demo',
  record: { kind: 'dev', name: 'demo', defaultOf: '/p' },
  boot: { source, arch: 'x86_64' },
} as unknown as RunningVm;
const project = { dir: '/p', configFile: '/p/mvm.toml' };

async function told(changed: string[], more: Partial<UpOptions> = {}, of: RunningVm = vm) {
  const events: MvmEvent[] = [];
  const build = { image: async () => undefined, changes: async () => changed };
  const options = { kind: 'dev', build, emit: (event: MvmEvent) => events.push(event), ...more };
  const restart = await wantsRestart(of, project, { env: {}, inputs: {} }, options as unknown as UpOptions);
  return { restart, texts: events.map((event) => ('text' in event ? event.text : '')) };
}

test('without a terminal, what changed is told, with the command that applies it', async () => {
  expect(await told(['flake.nix', 'a', 'b', 'c', 'd'])).toEqual({
    restart: false,
    texts: [
      "flake.nix, a, b and 2 more changed since the image of 'demo' was built. To use the changes: mvmctl dev up --restart",
    ],
  });
});

test('on a terminal it is asked for, and the answer counts', async () => {
  const questions: string[] = [];
  for (const answer of [true, false]) {
    const ask = async (question: string) => {
      questions.push(question);
      return answer;
    };
    expect((await told(['flake.nix'], { ask })).restart).toBe(answer);
  }
  expect(questions[0]).toBe("Restart 'demo' with the new image? This stops what is running in it.");
});

test('nothing is said of a project that did not change, or of a boot that no source is known of', async () => {
  expect(await told([])).toEqual({ restart: false, texts: [] });
  const older = { ...vm, boot: { ...vm.boot, source: undefined } } as RunningVm;
  expect(await told(['flake.nix'], {}, older)).toEqual({ restart: false, texts: [] });
});
