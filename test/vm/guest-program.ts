import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dirname, '..', '..', 'build', 'test-cache');

/**
 * A static program for a guest of this host's architecture, from the Go source of that name beside this file; built where it is
 * older than that.
 */
export function guestProgram(name: string): Buffer {
  const source = join(import.meta.dirname, `${name}.go`);
  const out = join(cache, name);
  if (!existsSync(out) || statSync(out).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(cache, { recursive: true });
    const temporary = `${out}.${process.pid}`;
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', temporary, source], {
      env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux' },
    });
    renameSync(temporary, out);
  }
  return readFileSync(out);
}
