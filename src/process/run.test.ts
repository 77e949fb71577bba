import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

const maxOutputBytes = 10_000;

describe('run', () => {
  it('gives status and both outputs, apart', async () => {
    const result = await run(['sh', '-c', 'echo out; echo err >&2; exit 3'], { maxOutputBytes });
    expect(result).toMatchObject({ status: 3, stdout: 'out\n', stderr: 'err\n', cut: undefined });
  });
  it('passes arguments and input unchanged, and only the environment given', async () => {
    const result = await run(['/bin/sh', '-c', 'cat; printf %s "$1$A$HOME"', 'sh', "a 'b' $c"], {
      maxOutputBytes,
      input: 'in ',
      env: { A: '!' },
    });
    expect(result.stdout).toBe("in a 'b' $c!");
  });
  it('ends a program that prints more than the limit', async () => {
    const result = await run(['sh', '-c', 'while :; do echo yyyyyyyy; done'], { maxOutputBytes: 1000 });
    expect(result.cut).toBe('output');
    expect(result.stdout.length).toBeLessThanOrEqual(1000);
  });
  it('ends a program that takes too long', async () => {
    const result = await run(['sleep', '60'], { maxOutputBytes, timeoutMs: 50 });
    expect(result).toMatchObject({ status: undefined, signal: 'SIGTERM', cut: 'timeout' });
  });
  it("throws the signal's reason when aborted", async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const running = run(['sh', '-c', 'echo here; exec sleep 60'], {
      maxOutputBytes,
      signal: controller.signal,
      onLine: (line) => {
        lines.push(line);
        controller.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(lines).toEqual(['here']);
  });
  it('names a program that does not exist', async () => {
    await expect(run(['no-such-program-here'], { maxOutputBytes })).rejects.toMatchObject({
      code: 'SETUP_NEEDED',
      message: expect.stringContaining('no-such-program-here'),
    });
  });
});
