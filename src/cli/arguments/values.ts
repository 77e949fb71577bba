import { durationMs } from '../../config/duration.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Place } from '../../ports/forward.ts';
import { parseForward } from '../../ports/parse.ts';
import type { ShareMode } from '../../share/share.ts';
import type { MountFlag } from '../../vm/up/request.ts';

const architectures: Record<string, 'x86_64' | 'aarch64'> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  x64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
};

export function parseArch(text: string): 'x86_64' | 'aarch64' {
  const arch = architectures[text.toLowerCase()];
  if (arch === undefined) throw new MvmError('USAGE', `'${text}' is not an architecture: x86_64 or aarch64.`);
  return arch;
}

/** Collects `-e K=V`; `-e K` takes the value from mvmctl's own environment. */
export function parseEnv(text: string, previous: unknown): Record<string, string> {
  const at = text.indexOf('=');
  const key = at < 0 ? text : text.slice(0, at);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    throw new MvmError('USAGE', `'${text}' is not a variable: use KEY=VALUE.`);
  }
  const value = at < 0 ? process.env[key] : text.slice(at + 1);
  return {
    ...(previous as Record<string, string> | undefined),
    ...(value === undefined ? {} : { [key]: value }),
  };
}

/** Collects `-p 8080:80`. Throws USAGE. */
export function parsePorts(text: string, previous: unknown): Place[] {
  return [...((previous as Place[] | undefined) ?? []), parseForward(text)];
}

/** Collects `--mount HOST[:GUEST[:MODE]]`; a HOST may have colons if it is in the form of a path. Throws USAGE. */
export function parseMounts(text: string, previous: unknown): MountFlag[] {
  const before = Array.isArray(previous) ? (previous as MountFlag[]) : [];
  const parts = text.split(':');
  const mode = parts.length > 1 ? mountModes[parts.at(-1) ?? ''] : undefined;
  if (mode !== undefined) parts.pop();
  const guest = parts.length > 1 ? parts.pop() : undefined;
  const host = parts.join(':');
  if (host === '' || (guest !== undefined && !guest.startsWith('/')))
    throw new MvmError(
      'USAGE',
      `'${text}' is no folder to show: HOST[:GUEST[:ro|rw|overlay]], with an absolute GUEST.`,
      {
        hint: 'mvmctl dev up --mount ../data:/data:ro',
      },
    );
  return [...before, { host, ...(guest && { guest }), ...(mode && { mode }) }];
}

const mountModes: Readonly<Record<string, ShareMode>> = { ro: 'ro', rw: 'live', overlay: 'overlay' };

/** A moment in milliseconds since 1970: how long ago (`10m`, `1h30m`), or a time as ISO 8601 writes it. Throws USAGE. */
export function parseSince(text: string): number {
  const ago = durationMs(text);
  const at =
    ago === undefined ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN) : Date.now() - ago;
  if (Number.isNaN(at)) {
    throw new MvmError(
      'USAGE',
      `'${text}' is not a time: give an age (90s, 10m, 2h, 1d) or a time such as 2026-01-31T09:30.`,
    );
  }
  return Math.max(0, Math.round(at));
}

/** A whole number from 0. Throws USAGE. */
export function parseLineCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new MvmError('USAGE', `'${text}' is not a number of lines.`);
  return Number(text);
}
