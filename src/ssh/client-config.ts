import { MvmError } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';
import { hostPrefix, type SharedFiles, type SshFiles } from './files.ts';

/** How ssh is led to a VM. */
export interface Way {
  /** The program and its first arguments; the host's name follows. */
  proxy: readonly string[];
  files: Pick<SshFiles, 'identity' | 'knownHosts'>;
}

/**
 * The configuration for one VM, with nothing in it that has to be expanded: other programs than OpenSSH read it too.
 * Throws USAGE for a path that can't be written in it.
 */
export function hostConfig(host: string, way: Way): string {
  return section([host], { ...way, proxy: [...way.proxy, host] }, escapePercent);
}

/**
 * The configuration for all VMs, also those that are made later: ssh puts the host's name in place of %n.
 * @param hosts VMs that there are, for editors that list the hosts that they find
 */
export function sharedConfig(
  hosts: readonly string[],
  proxy: readonly string[],
  shared: SharedFiles,
): string {
  const files = sharedWay(shared);
  const words = proxy.map((word) => shellWord(escapePercent(word)));
  // A quote in a name would end the shell's word that the name becomes.
  const names = [...hosts, `${hostPrefix}*`, '"!*\'*"'];
  return [
    '# Written by mvmctl: changes are lost.',
    `Host ${names.join(' ')}`,
    ...settings(`${words.join(' ')} '%n'`, files, (path) => path),
    '',
  ].join('\n');
}

function sharedWay(shared: SharedFiles): Way['files'] {
  const dir = escapePercent(shared.dir);
  return { identity: `${dir}/%n/identity`, knownHosts: `${dir}/%n/known_hosts` };
}

function section(names: readonly string[], { proxy, files }: Way, quote: (text: string) => string): string {
  const command = proxy.map((word) => shellWord(quote(word))).join(' ');
  return [`Host ${names.join(' ')}`, ...settings(command, files, quote), ''].join('\n');
}

function settings(command: string, files: Way['files'], quote: (text: string) => string): string[] {
  return [
    'User root',
    `ProxyCommand ${checked(command)}`,
    `IdentityFile ${configWord(quote(files.identity))}`,
    'IdentitiesOnly yes',
    'PreferredAuthentications publickey',
    `UserKnownHostsFile ${configWord(quote(files.knownHosts))}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'CheckHostIP no',
    'HostKeyAlgorithms ssh-ed25519',
    'SendEnv COLORTERM LANG LC_*',
  ].map((line) => `  ${line}`);
}

const escapePercent = (text: string): string => text.replaceAll('%', '%%');

/** A word of ssh_config(5). */
export function configWord(text: string): string {
  const word = checked(text).replace(/["\\]/g, '\\$&');
  return /^[A-Za-z0-9_/.:,=+%-]+$/.test(text) ? text : `"${word}"`;
}

/** Throws USAGE: a line ends with its line, and what looks like a variable is one. */
function checked(text: string): string {
  if (!/[\n\r]|\$\{/.test(text)) return text;
  throw new MvmError(
    'USAGE',
    `ssh can't be told of ${JSON.stringify(text)}: a path has a line break or "\${" in it.`,
    {
      hint: 'export MVM_STATE_DIR=/another/folder',
    },
  );
}
