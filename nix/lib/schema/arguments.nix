# The arguments of mkGuest. docs/guide/mkguest.md and all errors come from this table.
let
  types = import ./types.nix;
  volumes = import ./volumes.nix;
in
{
  name = {
    type =
      types.matching "a name of letters, digits, '-', '_' and '.' that begins with a letter or digit (at most 63)"
        "[A-Za-z0-9][A-Za-z0-9_.-]{0,62}";
    example = "\"my-app\"";
    doc = "The image's name.";
  };
  entrypoint = {
    type = import ./entrypoint.nix;
    aliases = [
      "command"
      "shell"
      "cmd"
    ];
    # `services` alone are the entrypoint.
    default = { services = true; };
    example = "{ shell = \"/bin/bash\"; }";
    doc =
      "What the VM runs: exactly one of `shell`, `command` and `services`. Without it, all `services` are the entrypoint.";
  };
  services = {
    type = (import ./service.nix).all;
    default = { };
    example = "{ redis.command = [ \"\${pkgs.redis}/bin/redis-server\" ]; }";
    doc = "Supervised processes that run alongside the entrypoint.";
  };
  packages = {
    type = types.listOf "a list of packages" types.package;
    default = [ ];
    aliases = [
      "buildInputs"
      "contents"
      "systemPackages"
      "tools"
    ];
    example = "with pkgs; [ git jq ]";
    doc = "Packages whose programs are on PATH, in `/usr/bin` and `/usr/local/bin`. If two packages have a file with the same name, the first one's is used.";
  };
  vcpus = {
    type = types.between 1 256;
    default = 2;
    aliases = [
      "cpus"
      "cpu"
      "cores"
    ];
    example = "2";
    doc = "Virtual CPUs, unless mvm.toml or a flag says otherwise.";
  };
  memory_mib = {
    type = types.between 64 1048576;
    default = 512;
    aliases = [
      "mem"
      "memory"
      "memoryMib"
      "memoryMiB"
      "ram"
    ];
    example = "1024";
    doc = "Memory in MiB, unless mvm.toml or a flag says otherwise.";
  };
  dev = {
    type = types.nullOr types.bool;
    default = null;
    aliases = [ "accessible" ];
    example = "true";
    doc = "Whether `console` and `exec` are allowed. null: yes if the entrypoint is a shell, otherwise no.";
  };
  hostname = {
    type = types.nullOr (
      types.matching "a host name of letters, digits and '-' (at most 63)" "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    );
    default = null;
    aliases = [ "hostName" "host" ];
    example = "\"my-app\"";
    doc = "The guest's host name. null: the name of the VM.";
  };
  env = {
    type = import ./env.nix;
    default = { };
    aliases = [
      "environment"
      "variables"
    ];
    example = "{ LANG = \"C.UTF-8\"; }";
    doc = "Environment variables for the entrypoint, the services and what `exec` runs.";
  };
  users = {
    type = (import ./user.nix).all;
    default = { };
    example = "{ app = { home = \"/var/lib/app\"; }; }";
    doc = "Users besides root and `app`.";
  };
  uids = {
    type = (import ./user.nix).numbers;
    default = { };
    example = "{ app = 900; }";
    doc =
      "Fixed user numbers. A name that is not in `users` becomes a system user without a shell. Two names are roles: "
      + "`entrypoint` is the number that a shell or a command runs as (0: root); `agent` is accepted, but changes nothing.";
  };
  extraFiles = {
    type = (import ./file.nix).all;
    default = { };
    aliases = [
      "files"
      "etc"
    ];
    example = "{ \"/etc/app.conf\" = \"port = 8080\\n\"; }";
    doc = "Files to add to the root file system, by path.";
  };
  ports = {
    type = types.listOf "a list of port numbers" (types.between 1 65535);
    default = [ ];
    aliases = [
      "port"
      "expose"
    ];
    example = "[ 8080 ]";
    doc = "TCP ports that the image serves.";
  };
  healthChecks = {
    type = (import ./health-check.nix).all;
    default = { };
    aliases = [ "healthcheck" "healthCheck" ];
    example = "{ web.port = 8080; }";
    doc = "Checks that run at an interval.";
  };
  volumes = {
    type = volumes.kept;
    default = [ ];
    aliases = [
      "volume"
      "persist"
      "persistent"
      "mounts"
    ];
    example = "[ \"/var/lib/postgresql\" ]";
    doc = "Folders whose content a VM started with `mvmctl up` keeps from one start to the next.";
  };
  volumeMounts = {
    type = volumes.mounts;
    default = [ ];
    example = "{ \"/var/lib/app\" = { volume = \"data\"; }; }";
    doc = "More `volumes`; the names have no meaning here.";
  };
  hypervisor = {
    type = types.nullOr (
      types.matching "the name of a backend in small letters, digits and '-'" "[a-z][a-z0-9-]{0,31}"
    );
    default = null;
    aliases = [ "backend" ];
    example = "\"qemu\"";
    doc = "The preferred backend: used if this machine has it, and mvm.toml and flags name none.";
  };
  kernel = {
    type = types.nullOr (import ./kernel.nix);
    default = null;
    example = "./kernel";
    doc = "A folder with `kernel`, `modules.cpio` and `kernel.json`. null: mvm's own kernel.";
  };
}
