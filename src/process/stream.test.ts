import { describe, expect, it } from 'vitest';
import { stream } from './stream.ts';

const never = new AbortController().signal;

describe('a program that is followed', () => {
  it('hands on both outputs and its status', async () => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const status = await stream(['sh', '-c', 'echo out; echo err >&2; exit 3'], {
      onStdout: (chunk) => out.push(chunk),
      onStderr: (chunk) => err.push(chunk),
      signal: never,
    });
    expect([status, Buffer.concat(out).toString(), Buffer.concat(err).toString()]).toEqual([
      3,
      'out\n',
      'err\n',
    ]);
  });

  it('that a signal ends has 128 and its number as status', async () => {
    expect(await stream(['sh', '-c', 'kill -9 $$'], { signal: never })).toBe(137);
  });

  it('is ended by an abort, which is what the caller gets', async () => {
    const abort = new AbortController();
    const running = stream(['sh', '-c', 'echo up; exec sleep 60'], {
      onStdout: () => abort.abort(new Error('Ctrl-C')),
      signal: abort.signal,
    });
    await expect(running).rejects.toThrow('Ctrl-C');
  });

  it('that does not exist is named', async () => {
    await expect(stream(['/no/such/program'], { signal: never })).rejects.toMatchObject({
      code: 'SETUP_NEEDED',
      message: "Can't start /no/such/program: ENOENT.",
    });
  });
});
