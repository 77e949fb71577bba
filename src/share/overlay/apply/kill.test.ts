import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../state/temporary-folder.fixture.ts';
import { HostTree } from '../../tree/host-tree.ts';
import { makeOverlay, path, seen, write } from '../overlay.fixture.ts';
import { OverlayTree } from '../overlay-tree.ts';
import { Upper } from '../upper/upper.ts';
import { recover } from './recover.ts';

const program = join(import.meta.dirname, 'kill.fixture.ts');

function kill(host: string, state: string, at: number | undefined) {
  const argv = [program, host, state, ...(at === undefined ? [] : [String(at)])];
  return spawnSync(process.execPath, argv, { encoding: 'utf8' });
}

function open(host: string, state: string) {
  const overlay = { root: host, lower: new HostTree(host), upper: new Upper(state) };
  return { overlay, tree: new OverlayTree(overlay.lower, overlay.upper) };
}

/** A bit of everything: each kind of change, in and out of folders that move. */
function changed() {
  const made = makeOverlay((host) => {
    const tree = new HostTree(host);
    for (const name of ['d', 'd/sub', 'gone', 'gone/in']) tree.makeFolder(path(name), 0o755);
    for (const name of ['a', 'b', 'mode', 'd/x', 'd/sub/y', 'gone/in/z', 'swap1', 'swap2', 'dir-to-be'])
      write(tree, name, `old ${name}`);
    tree.makeLink(path('link'), Buffer.from('a'));
    tree.close();
  });
  const { tree } = made;
  write(tree, 'a', 'new a, and longer');
  write(tree, 'new/one'.slice(0, 3), 'a new file');
  tree.rename(path('b'), path('b2'), false);
  tree.setMode(path('mode'), 0o755);
  tree.rename(path('d'), path('e'), false);
  write(tree, 'e/x', 'changed in a moved folder');
  tree.rename(path('e/sub/y'), path('y'), false);
  tree.remove(path('gone/in/z'));
  tree.removeFolder(path('gone/in'));
  tree.removeFolder(path('gone'));
  tree.rename(path('swap1'), path('third'), false);
  tree.rename(path('swap2'), path('swap1'), false);
  tree.rename(path('third'), path('swap2'), false);
  tree.remove(path('dir-to-be'));
  tree.makeFolder(path('dir-to-be'), 0o755);
  write(tree, 'dir-to-be/file', 'in a folder that was a file');
  tree.remove(path('link'));
  tree.makeLink(path('link'), Buffer.from('b2'));
  tree.link(path('new'), path('new-too'));
  return made;
}

test('changes that a kill interrupts at any point are on the host all or not at all', {
  timeout: 120_000,
}, () => {
  const { host, state, tree } = changed();
  const [before, after] = [seen(new HostTree(host)), seen(tree)];
  const counted = temporaryFolder('mvm-count-');
  const copy = (to: string) => {
    cpSync(host, join(to, 'host'), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    cpSync(state, join(to, 'state'), { recursive: true });
    return [join(to, 'host'), join(to, 'state')] as const;
  };
  const { stdout, stderr } = kill(...copy(counted), undefined);
  expect(stderr).toBe('');
  const points = Number(stdout);
  expect(points).toBeGreaterThan(25);
  expect(seen(new HostTree(join(counted, 'host')))).toEqual(after);
  const results = new Set<string>();
  for (let at = 0; at < points; at++) {
    const [hostCopy, stateCopy] = copy(temporaryFolder('mvm-kill-'));
    expect(kill(hostCopy, stateCopy, at).signal, `point ${at}`).toBe('SIGKILL');
    // The one that takes it up is killed as well.
    if (at % 2 === 0) kill(hostCopy, stateCopy, 2);
    const again = open(hostCopy, stateCopy);
    recover(again.overlay);
    const now = seen(new HostTree(hostCopy));
    const isDone = now.join('\n') === after.join('\n');
    results.add(isDone ? 'after' : 'before');
    if (!isDone) expect(now, `point ${at}`).toEqual(before);
    expect(seen(again.tree), `point ${at}`).toEqual(after);
    expect(readdirSync(hostCopy).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(stateCopy).sort()).toEqual(['changes', 'data']);
    again.tree.close();
  }
  expect([...results].sort()).toEqual(['after', 'before']);
});
