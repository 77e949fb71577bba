import { MvmError } from '../errors/mvm-error.ts';

/** `1G`, `512M`, `1.5GiB` or a plain number of MiB; at least 64 MiB. Returns MiB. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?)?$/i.exec(text.trim());
  const factor = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 }[match?.[2]?.toLowerCase() ?? 'm'] ?? 1;
  const mib = match === null ? Number.NaN : Math.round(Number(match[1]) * factor);
  if (!(mib >= 64)) {
    throw new MvmError('USAGE', `'${text}' is not an amount of memory of at least 64M.`, {
      hint: 'for example: --memory 1G',
    });
  }
  return mib;
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) {
    throw new MvmError('USAGE', `'${text}' is not a whole number of at least 1.`);
  }
  return count;
}

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
