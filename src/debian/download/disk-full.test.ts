import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { sha256 } from '../archive.fixture.ts';
import { serve, startServer } from '../server.fixture.ts';
import { download } from './fetch.ts';

const disk = vi.hoisted(() => ({ full: false }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const open: typeof real.open = async (...args) => {
    const handle = await real.open(...args);
    const append = handle.appendFile.bind(handle);
    handle.appendFile = async (data) => {
      if (disk.full) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      await append(data);
    };
    return handle;
  };
  return { ...real, open };
});

test('a full disk ends a download with the file and the folder named, and once there is room it goes on', async () => {
  await using server = await startServer();
  const dir = await mkdtemp(join(tmpdir(), 'mvm-full-'));
  const body = Buffer.from('content');
  server.routes.set('/a', serve(body));
  const options = { url: `${server.url}/a`, file: join(dir, 'a'), sha256: sha256(body) };
  disk.full = true;
  await expect(download(options)).rejects.toMatchObject({
    code: 'STATE_WRITE',
    message: `Can't write ${join(dir, 'a.part')}: the disk is full.`,
    hint: `df -h ${dir}`,
  });
  disk.full = false;
  await download(options);
  expect(await readFile(options.file)).toEqual(body);
  await rm(dir, { recursive: true });
});
