import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const source = join(import.meta.dirname, 'port-server.go');

/** Its ports, by what is done with a connection. */
export const serverPorts = {
  echo: 7001,
  count: 7002,
  source: 7003,
  resets: 7004,
  deaf: 7005,
  echoOnLoopback: 7006,
  echoOnLoopback6: 7007,
  closes: 7008,
  http: 7009,
  nobody: 7099,
} as const;

/** Answers datagrams. */
export const datagramPort = 7053;

/** A static program for a guest of this host's architecture; built where it is older than its source. */
export function portServer(): Buffer {
  const out = join(root, 'build', 'test-cache', 'port-server');
  if (!existsSync(out) || statSync(out).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(join(root, 'build', 'test-cache'), { recursive: true });
    const temporary = `${out}.${process.pid}`;
    execFileSync('go', ['build', '-ldflags=-s -w', '-o', temporary, source], {
      env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux' },
    });
    renameSync(temporary, out);
  }
  return readFileSync(out);
}

/** Puts it into the guest and runs it there, where `/bin/sh` and `setsid` are; returns when it listens. */
export const startServerScript =
  'cat > /tmp/port-server && chmod +x /tmp/port-server || exit; ' +
  'setsid /tmp/port-server > /tmp/port-server.log 2>&1 < /dev/null & ' +
  'until grep -q listening /tmp/port-server.log 2>/dev/null; do sleep 0.1; done';
