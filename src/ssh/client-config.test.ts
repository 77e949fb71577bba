import { expect, test } from 'vitest';
import { configWord, hostConfig, sharedConfig } from './client-config.ts';
import { sharedFiles, sshFiles } from './files.ts';

const proxy = ['/usr/bin/node', '/opt/mvm/dist/ssh-proxy.cjs', '/home/ann/.local/state/mvm'];

test('the configuration for a VM names its files, and has nothing in it that has to be expanded', () => {
  const files = sshFiles('/home/ann/.local/state/mvm/vms/demo/ssh');
  expect(hostConfig('mvm-demo', { proxy, files })).toMatchInlineSnapshot(`
    "Host mvm-demo
      User root
      ProxyCommand /usr/bin/node /opt/mvm/dist/ssh-proxy.cjs /home/ann/.local/state/mvm mvm-demo
      IdentityFile /home/ann/.local/state/mvm/vms/demo/ssh/identity
      IdentitiesOnly yes
      PreferredAuthentications publickey
      UserKnownHostsFile /home/ann/.local/state/mvm/vms/demo/ssh/known_hosts
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      UpdateHostKeys no
      CheckHostIP no
      HostKeyAlgorithms ssh-ed25519
      SendEnv COLORTERM LANG LC_*
    "
  `);
});

test('the configuration for all VMs leads each host name to its own files', () => {
  const text = sharedConfig(['mvm-demo'], proxy, sharedFiles('/home/ann/.local/state/mvm'));
  expect(text).toMatchInlineSnapshot(`
    "# Written by mvmctl: changes are lost.
    Host mvm-demo mvm-* "!*'*"
      User root
      ProxyCommand /usr/bin/node /opt/mvm/dist/ssh-proxy.cjs /home/ann/.local/state/mvm '%n'
      IdentityFile /home/ann/.local/state/mvm/ssh/%n/identity
      IdentitiesOnly yes
      PreferredAuthentications publickey
      UserKnownHostsFile /home/ann/.local/state/mvm/ssh/%n/known_hosts
      GlobalKnownHostsFile /dev/null
      StrictHostKeyChecking yes
      UpdateHostKeys no
      CheckHostIP no
      HostKeyAlgorithms ssh-ed25519
      SendEnv COLORTERM LANG LC_*
    "
  `);
});

test('a host name with a quote in it never reaches the shell that starts the proxy', () => {
  const text = sharedConfig([], proxy, sharedFiles('/s'));
  expect(text).toContain(`Host mvm-* "!*'*"`);
  expect(text).toContain(` '%n'\n`);
});

test('spaces, quotes and percent signs in paths are kept from ssh and from its shell', () => {
  const text = sharedConfig([], ['/n', `/a b/it's 100%`], sharedFiles(`/a b/"it's" 100%`));
  expect(text).toContain(`ProxyCommand /n '/a b/it'\\''s 100%%' '%n'`);
  expect(text).toContain(`IdentityFile "/a b/\\"it's\\" 100%%/ssh/%n/identity"`);
});

test('a path that the configuration has no way to write is refused by name', () => {
  for (const path of ['/a\nProxyCommand x', `/$${'{HOME}'}`])
    expect(() => configWord(path)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
