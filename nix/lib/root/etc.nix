# The text files of /etc. What depends on the VM (hosts, hostname, resolv.conf) the agent writes.
{ args, users, environment }:
let
  inherit (builtins) attrNames concatStringsSep;
  # A single-quoted word of the shell.
  word = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
  # A login shell keeps its environment, except for PATH.
  export =
    name:
    if name == "PATH" then
      "export PATH=${word environment.PATH}"
    else
      "[ \"\${${name}+set}\" ] || export ${name}=${word environment.${name}}";
  exports = concatStringsSep "\n" (map export (attrNames environment));
in
{
  "/etc/passwd" = users.passwd;
  "/etc/group" = users.group;
  "/etc/shells" = "/bin/sh\n/bin/bash\n";
  "/etc/nsswitch.conf" = "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n";
  "/etc/host.conf" = "multi on\n";
  "/etc/services" = ''
    ftp 21/tcp
    ssh 22/tcp
    domain 53/tcp
    domain 53/udp
    http 80/tcp www
    ntp 123/udp
    https 443/tcp
    https 443/udp
    mysql 3306/tcp
    postgresql 5432/tcp
    redis 6379/tcp
  '';
  "/etc/protocols" = "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\nipv6-icmp 58 IPv6-ICMP\n";
  "/etc/os-release" = "NAME=\"mvm\"\nID=mvm\nPRETTY_NAME=\"${args.name} (mvm)\"\n";
  "/etc/profile" = ''
    # For login shells.
    ${exports}
    umask 022

    for script in /etc/profile.d/*.sh; do
      [ -r "$script" ] && . "$script"
    done
    unset script
    # bash reads no $ENV.
    case "$-''${BASH:-}" in *i*bash) . /etc/shrc ;; esac
  '';
  "/etc/shrc" = ''
    # For interactive shells.
    case "$TERM" in
      ''' | dumb | unknown | vt100 | vt102 | vt220) PS1='\u@\h:\w\$ ' ;;
      *) PS1='\[\e[1;32m\]\u@\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ ' ;;
    esac
    [ -n "''${BASH:-}" ] || HISTFILE="$HOME/.ash_history"
    HISTSIZE=2000
    alias ll='ls -l'
    alias la='ls -A'
  '';
}
