import { expect, test } from 'vitest';
import { serveControl } from '../../companion/control.ts';
import { companionFiles } from '../../companion/files.ts';
import type { Forward } from '../../ports/forward.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import { followNews } from './follow-news.ts';

const forward: Forward = {
  ...{ address: 'localhost', hostPort: 8081, guestPort: 8080, protocol: 'tcp', reverse: false },
  ...{ by: 'guest', nearby: true },
};

test('each port is told once, and that it went also where nobody followed it then', async () => {
  const runtimeDir = temporaryFolder('mvm-news-');
  let live = [forward];
  const connections: { destroy(): void }[] = [];
  await serveControl(companionFiles(runtimeDir).socket, async (_, connection) => {
    connections.push(connection);
    return { forwards: live.map((one) => ({ ...one, held: false })) };
  });
  const said: string[] = [];
  const vm = { boot: { follow: true, shares: [], runtimeDir } } as unknown as RunningVm;
  const news = followNews(vm, new AbortController().signal);
  news.show({ say: (text) => void said.push(text) });
  const notice = { listeners: [8080], left: false };
  news.access.onNotice?.(notice);
  await expect.poll(() => said).toEqual([expect.stringContaining('localhost:8081 is port 8080 of the VM')]);
  // The companion is killed, and another one has the same port.
  const again = async (times: number) => {
    for (const connection of connections.splice(0)) connection.destroy();
    await expect
      .poll(() => {
        news.access.onNotice?.(notice);
        return connections.length;
      })
      .toBe(times);
  };
  await again(1);
  expect(said).toHaveLength(1);
  // And another, by whose time the port has gone.
  live = [];
  await again(1);
  await expect.poll(() => said).toHaveLength(2);
  expect(said[1]).toContain('Port 8080 of the VM is closed');
  news.end();
});
