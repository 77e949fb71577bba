import { MvmError } from '../errors/mvm-error.ts';

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
