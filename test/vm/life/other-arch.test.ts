import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeVmHome, small, type VmHome } from '../vm-home.ts';

const other = process.arch === 'arm64' ? 'x86_64' : 'aarch64';

let home: VmHome;
beforeAll(() => {
  home = makeVmHome();
});
afterAll(() => home.destroy());

test("a VM of the other architecture runs beside the project's own", async () => {
  await home.up();
  const up = await home.run(['dev', 'up', '-d', '--json', ...small, '--arch', other, '--name', 'guest']);
  expect(up, up.stderr).toMatchObject({ status: 0 });
  expect(JSON.parse(up.stdout)).toMatchObject({
    name: 'guest',
    arch: other,
    accelerator: 'tcg',
    default: false,
  });
  expect((await home.run(['exec', 'guest', '--', 'uname', '-m'])).stdout).toBe(`${other}\n`);
  expect((await home.exec('uname', '-m')).stdout).not.toBe(`${other}\n`);
  expect(await home.run(['exec', '-i', 'guest', '--', 'cat'], { input: 'through' })).toMatchObject({
    stdout: 'through',
  });
  const changed = await home
    .run(['stop', 'guest'])
    .then(() =>
      home.run(['dev', 'up', '-d', '--name', 'guest', '--arch', other === 'aarch64' ? 'x86_64' : 'aarch64']),
    );
  expect(changed.status).toBe(2);
  expect(changed.stderr).toContain(`VM 'guest' is ${other}; its disk can't change`);
  expect((await home.vms()).map(({ name, status }) => [name, status])).toEqual([
    ['guest', 'stopped'],
    ['project', 'running'],
  ]);
});
