import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../archive.fixture.ts';
import { holdAfter, serve, startServer, type TestServer } from '../server.fixture.ts';
import { type DownloadOptions, download } from './fetch.ts';

const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251));
let server: TestServer;
let dir: string;
let file: string;

beforeEach(async () => {
  server = await startServer();
  dir = await mkdtemp(join(tmpdir(), 'mvm-fetch-'));
  file = join(dir, 'pool', 'a.deb');
});

afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

/** Breaks off the connection once the first 50,000 bytes have arrived. */
function dropOnce(): Partial<DownloadOptions> {
  let dropped = false;
  return {
    onProgress: (bytes) => {
      if (dropped || bytes < 50_000) return;
      dropped = true;
      server.drop();
    },
  };
}

function options(more: Partial<DownloadOptions> = {}): DownloadOptions {
  return { url: `${server.url}/a.deb`, file, sha256: sha256(body), size: body.length, backoffMs: 1, ...more };
}

test('a download appears whole, reports its progress and leaves nothing else behind', async () => {
  server.routes.set('/a.deb', serve(body));
  const seen: number[] = [];
  await download(options({ onProgress: (bytes) => seen.push(bytes) }));
  expect(await readFile(file)).toEqual(body);
  expect(seen.at(-1)).toBe(body.length);
  expect(await readdir(join(dir, 'pool'))).toEqual(['a.deb']);
});

test('a file in the cache with the right checksum costs no request; a damaged one is replaced', async () => {
  server.routes.set('/a.deb', serve(body));
  await download(options());
  await download(options());
  expect(server.requests).toEqual(['/a.deb']);
  await writeFile(file, 'damaged');
  await download(options());
  expect(await readFile(file)).toEqual(body);
});

test('a dropped connection is resumed where it broke off', async () => {
  server.routes.set('/a.deb', holdAfter(50_000, body, serve(body, '"v1"'), '"v1"'));
  await download(options(dropOnce()));
  expect(await readFile(file)).toEqual(body);
  expect(server.requests).toEqual(['/a.deb', '/a.deb bytes=50000-']);
});

test('a partial file of an earlier process is resumed', async () => {
  server.routes.set('/a.deb', holdAfter(50_000, body, serve(body)));
  await expect(download(options({ attempts: 1, ...dropOnce() }))).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
  });
  server.routes.set('/a.deb', serve(body));
  await download(options());
  expect(server.requests.at(-1)).toBe('/a.deb bytes=50000-');
  expect(await readFile(file)).toEqual(body);
});

test('a file that changed on the server is not mixed with the old part', async () => {
  const old = Buffer.alloc(body.length, 1);
  server.routes.set('/a.deb', holdAfter(50_000, old, serve(body, '"v2"'), '"v1"'));
  await download(options(dropOnce()));
  expect(await readFile(file)).toEqual(body);
  expect(server.requests).toHaveLength(2);
});

test('a wrong part without a validator is noticed by the checksum and loaded anew', async () => {
  server.routes.set('/a.deb', holdAfter(50_000, Buffer.alloc(body.length, 1), serve(body)));
  await download(options(dropOnce()));
  expect(await readFile(file)).toEqual(body);
});

test('wrong bytes are refused, naming the file and both checksums, and are not kept', async () => {
  const wrong = Buffer.alloc(body.length, 1);
  server.routes.set('/a.deb', serve(wrong));
  await expect(download(options())).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
    message: expect.stringContaining('/a.deb'),
    details: [expect.stringContaining(sha256(body)), expect.stringContaining(sha256(wrong))],
  });
  expect(server.requests).toHaveLength(2);
  expect(await readdir(join(dir, 'pool'))).toEqual([]);
});

test('a server that sends more than promised is stopped', async () => {
  server.routes.set('/a.deb', serve(Buffer.alloc(5_000_000)));
  let most = 0;
  await expect(download(options({ onProgress: (n) => (most = Math.max(most, n)) }))).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
  });
  expect(most).toBeLessThan(1_000_000);
});

test('a server that stalls is given up with the reason', async () => {
  server.routes.set('/a.deb', (_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 10));
  });
  await expect(download(options({ stallMs: 50, attempts: 2 }))).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: expect.stringContaining('no data for'),
  });
});

test('a server that says nothing at all is waited for once, and that is said on the way', async () => {
  server.routes.set('/a.deb', () => {});
  const said: number[] = [];
  const waiting = download(options({ stallMs: 3000, onSilence: (seconds) => said.push(seconds) }));
  await expect(waiting).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: `Can't reach ${new URL(server.url).host}: no answer for 3 seconds.`,
  });
  expect(said).toEqual([1]);
  expect(server.requests).toEqual(['/a.deb']);
});

test('a server that stands still in the middle is asked for the rest once; the wait is told each time', async () => {
  const big = Buffer.alloc(300_000, 7);
  const half = (from: number) => (_: unknown, response: ServerResponse) => {
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${big.length - 1}/${big.length}` };
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': big.length - from, ...range });
    if (from === 0) response.write(big.subarray(0, 100_000));
    else response.flushHeaders();
  };
  server.routes.set('/a.deb', (request, response) =>
    half(request.headers.range === undefined ? 0 : 100_000)(request, response),
  );
  const said: number[][] = [];
  const whole = { sha256: sha256(big), size: big.length };
  const onSilence = (...wait: number[]) => said.push(wait);
  await expect(download(options({ ...whole, stallMs: 1500, onSilence }))).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: expect.stringContaining('no data for 2 seconds'),
  });
  expect(said).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(server.requests).toEqual(['/a.deb', '/a.deb bytes=100000-']);
});

test('a server that drips is given up with what it brought, and what came is kept', async () => {
  let dripping: NodeJS.Timeout | undefined;
  server.routes.set('/a.deb', (_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    dripping = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(dripping));
  });
  await expect(download(options({ stallMs: 500 }))).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: expect.stringMatching(/: only \d+ bytes in 1 seconds\.$/),
  });
  expect(server.requests).toHaveLength(1);
  expect((await readFile(`${file}.part`)).length).toBeGreaterThan(5);
});

test('a download whose process was killed goes on where it was', async () => {
  server.routes.set('/a.deb', holdAfter(50_000, body, serve(body, '"v1"'), '"v1"'));
  const script = `import { download } from ${JSON.stringify(join(import.meta.dirname, 'fetch.ts'))};
    await download({ ...${JSON.stringify(options())}, onProgress: (bytes) => bytes >= 50000 && process.kill(process.pid, 'SIGKILL') });`;
  const { signal } = await new Promise<{ signal: string | null }>((resolve) =>
    spawn(process.execPath, ['--input-type=module', '-e', script]).on('close', (_, by) =>
      resolve({ signal: by }),
    ),
  );
  expect(signal).toBe('SIGKILL');
  await download(options());
  expect(server.requests).toEqual(['/a.deb', '/a.deb bytes=50000-']);
  expect(await readFile(file)).toEqual(body);
});

test('a server that is not there is named', async () => {
  const gone = server.url;
  await server.stop();
  await expect(download(options({ url: `${gone}/a.deb` }))).rejects.toMatchObject({
    code: 'MIRROR_UNREACHABLE',
    message: `Can't reach ${new URL(gone).host}: it refuses connections.`,
  });
  server = await startServer();
});

test('a missing file is an error at once; a busy server is asked again', async () => {
  await expect(download(options())).rejects.toMatchObject({
    code: 'DOWNLOAD_FAILED',
    message: expect.stringContaining('status 404'),
  });
  expect(server.requests).toHaveLength(1);
  let busy = true;
  server.routes.set('/a.deb', (request, response) => {
    if (!busy) return serve(body)(request, response);
    busy = false;
    response.writeHead(503).end();
  });
  await download(options());
  expect(await readFile(file)).toEqual(body);
});

test('redirections are followed, but not for ever', async () => {
  server.routes.set('/a.deb', (_, response) => response.writeHead(302, { location: '/b.deb' }).end());
  server.routes.set('/b.deb', serve(body));
  await download(options());
  server.routes.set('/c.deb', (_, response) => response.writeHead(302, { location: '/c.deb' }).end());
  await expect(
    download(options({ url: `${server.url}/c.deb`, file: join(dir, 'c'), attempts: 1 })),
  ).rejects.toMatchObject({ code: 'MIRROR_UNREACHABLE', message: expect.stringContaining('redirects') });
});

test('an abort ends the download with its reason and keeps the part', async () => {
  const abort = new AbortController();
  server.routes.set('/a.deb', (_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 1000));
  });
  const reason = new Error('stopped by the test');
  const running = download(options({ signal: abort.signal, onProgress: () => abort.abort(reason) }));
  await expect(running).rejects.toBe(reason);
  expect(await readFile(`${file}.part`)).toEqual(body.subarray(0, 1000));
});

test('two downloads of one file at once both end with the whole file', async () => {
  server.routes.set('/a.deb', serve(body));
  await Promise.all([download(options()), download(options()), download(options())]);
  expect(await readFile(file)).toEqual(body);
  expect(await readdir(join(dir, 'pool'))).toEqual(['a.deb']);
});
