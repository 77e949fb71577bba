import { afterEach, beforeEach, expect, test } from 'vitest';
import { entry, type Home, makeHome, runProcess } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const shell = (line: string) =>
  runProcess(['sh', '-c', line, 'sh', process.execPath, entry], { cwd: home.project, env: home.env });

test.each([
  'ls --json',
  'ls',
  'images',
  '--help',
  'completion bash',
])('%s into a full standard output is one line and a status', async (command) => {
  const { status, stderr } = await shell(`"$1" "$2" ${command} >/dev/full`);
  expect(stderr).toBe("error: Can't write to standard output: ENOSPC.\n");
  expect(status).toBe(1);
});

test('an argument that is not UTF-8 is refused by name; one with a replacement character is not', async () => {
  const { status, stderr } = await shell(`"$1" "$2" exec -- echo "$(printf 'a\\377b')"`);
  expect(status).toBe(2);
  expect(stderr).toContain("error: The argument $'a\\xffb' is not UTF-8, so it can't be passed on.\n");
  expect((await home.run(['inspect', 'a\ufffdb'])).stderr).not.toContain('UTF-8');
});
