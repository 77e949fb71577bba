/** The Debian release that kernels and packages come from: the current stable. */
export const stable = 'trixie';

/** Debian's names of the architectures that we make images for. */
export type DebianArch = 'amd64' | 'arm64';

const codenames = ['buster', 'bullseye', 'bookworm', 'trixie', 'forky', 'duke', 'sid'];
const aliases = ['oldoldstable', 'oldstable', 'stable', 'testing', 'unstable'];

/** Whether apt's suite field names a Debian release by its codename (not `-security`, `-updates`, …). */
export function isCodename(suite: string): boolean {
  return codenames.includes(suite);
}

/** Whether it names one by its moving name. Third parties use `stable` too, so this says less. */
export function isSuiteAlias(suite: string): boolean {
  return aliases.includes(suite);
}
