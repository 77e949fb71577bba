import { basename, join } from 'node:path';

/** What a VM has for SSH, in a folder of its own below its VM's. */
export interface SshFiles {
  dir: string;
  /** What the server in the guest is given. Holds a secret: mode 0600. */
  server: string;
  /** The user's private key, as OpenSSH reads it, mode 0600. */
  identity: string;
  /** The server's key, which no other may stand for. */
  knownHosts: string;
}

export function sshFiles(dir: string): SshFiles {
  return {
    dir,
    server: join(dir, 'server.json'),
    identity: join(dir, 'identity'),
    knownHosts: join(dir, 'known_hosts'),
  };
}

/** @param vmDir the VM's folder */
export const sshDirOf = (vmDir: string): string => join(vmDir, 'ssh');

/** What VMs are called in SSH. */
export const hostPrefix = 'mvm-';

/** The host name of the VM with this folder. */
export const hostOf = (vmDir: string): string => `${hostPrefix}${basename(vmDir)}`;

/** What all VMs share: the configuration, and a link to each VM's folder by its host name, which is what ssh knows. */
export interface SharedFiles {
  dir: string;
  config: string;
  link(host: string): string;
}

export function sharedFiles(state: string): SharedFiles {
  const dir = join(state, 'ssh');
  return { dir, config: join(dir, 'config'), link: (host) => join(dir, host) };
}
