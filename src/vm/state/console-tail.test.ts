import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { consoleTail } from './console-tail.ts';

async function log(text: string): Promise<string> {
  const path = join(temporaryFolder('mvm-tail-'), 'console.log');
  await writeFile(path, text);
  return path;
}

test('the last lines are shown, without what every boot says', async () => {
  const path = await log(
    'one\r\n[0.3] PCI: Fatal: No config space access function found\r\n\r\ntwo\r\nthree\r\n',
  );
  expect(await consoleTail(path, 2)).toEqual(['two', 'three']);
  expect(await consoleTail(path)).toEqual(['one', 'two', 'three']);
  expect(await consoleTail(join(path, '..', 'none'))).toEqual([]);
});

test('where the kernel died, the cause is shown and not the registers at the end', async () => {
  const registers = Array.from({ length: 40 }, (_, i) => `[2.0] x${i}: 0000`);
  const path = await log(
    ['booting', '[1.9] Unable to handle kernel paging request', ...registers].join('\n'),
  );
  expect((await consoleTail(path, 3))[0]).toContain('Unable to handle kernel');
});
