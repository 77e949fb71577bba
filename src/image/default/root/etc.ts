/** The text files of the default image's /etc. What depends on the VM (host name, DNS) the agent writes. */
export function etcFiles(version: string): Record<string, string> {
  return {
    passwd: [
      'root:x:0:0:root:/root:/bin/sh',
      'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
      'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
      'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
      '',
    ].join('\n'),
    group: [
      'root:x:0:',
      'daemon:x:1:',
      'bin:x:2:',
      'adm:x:4:',
      'tty:x:5:',
      'disk:x:6:',
      'kmem:x:15:',
      'wheel:x:20:root',
      'utmp:x:43:',
      'users:x:100:',
      'nogroup:x:65534:',
      '',
    ].join('\n'),
    // No password opens root; a shell comes from the agent.
    shadow: ['root:*:::::::', 'daemon:*:::::::', 'bin:*:::::::', 'nobody:*:::::::', ''].join('\n'),
    shells: '/bin/sh\n/bin/ash\n',
    hosts: '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n',
    'host.conf': 'multi on\n',
    services: [
      'ftp 21/tcp',
      'ssh 22/tcp',
      'telnet 23/tcp',
      'smtp 25/tcp',
      'domain 53/tcp',
      'domain 53/udp',
      'bootps 67/udp',
      'bootpc 68/udp',
      'tftp 69/udp',
      'http 80/tcp www',
      'ntp 123/udp',
      'https 443/tcp',
      'https 443/udp',
      '',
    ].join('\n'),
    protocols: 'ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\nipv6-icmp 58 IPv6-ICMP\n',
    'os-release': `NAME="mvm"\nID=mvm\nVERSION_ID="${version}"\nPRETTY_NAME="mvm ${version}"\n`,
    issue: 'mvm \\r \\l\n',
    profile,
    shrc,
  };
}

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of the entrypoint and of what exec runs. */
export const environment: Readonly<Record<string, string>> = {
  PATH,
  LANG: 'C.UTF-8',
  EDITOR: 'vi',
  PAGER: 'less',
  ENV: '/etc/shrc',
};

const profile = `# For login shells.
export PATH="${PATH}"
export LANG="\${LANG:-C.UTF-8}"
export EDITOR="\${EDITOR:-vi}"
export PAGER="\${PAGER:-less}"
export ENV=/etc/shrc
umask 022

for script in /etc/profile.d/*.sh; do
  [ -r "$script" ] && . "$script"
done
unset script
`;

const shrc = `# For interactive shells, which find this file by $ENV.
case "$TERM" in
  '' | dumb | unknown | vt100 | vt102 | vt220) PS1='\\u@\\h:\\w\\$ ' ;;
  *) PS1='\\[\\e[1;32m\\]\\u@\\h\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ ' ;;
esac
HISTFILE="$HOME/.ash_history"
HISTSIZE=2000
alias ll='ls -l'
alias la='ls -A'
`;
