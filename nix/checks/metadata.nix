# passthru.mvm of every form, known without building: `packages` here can't even be evaluated to a path.
{ mkGuest, system }:
let
  inherit (builtins) mapAttrs toJSON;
  unbuildable = {
    type = "derivation";
    name = "unbuildable";
    outPath = throw "metadata needed a package's path";
  };
  of =
    more:
    (mkGuest (
      {
        name = "m";
        packages = [ unbuildable ];
      }
      // more
    )).passthru.mvm;
  equal = what: a: b: if a == b then [ ] else [ "${what}: ${toJSON a}, not ${toJSON b}" ];
  access = more: { inherit (of more) accessible sealed entrypointKind; };
  is = accessible: entrypointKind: {
    inherit accessible entrypointKind;
    sealed = !accessible;
  };
  shell.entrypoint.shell = "/bin/bash";
  command.entrypoint.command = [ "/serve" ];
  services = {
    entrypoint.services = true;
    services.web.command = [ "/web" ];
  };
  default = of shell;
  dev = value: { dev = value; };
in
equal "shell" (access shell) (is true "shell")
++ equal "command" (access command) (is false "command")
++ equal "services" (access services) (is false "services")
++ equal "shell, dev" (access (shell // dev true)) (is true "shell")
++ equal "command, dev" (access (command // dev true)) (is true "command")
++ equal "services, dev" (access (services // dev true)) (is true "services")
++ equal "shell, not dev" (access (shell // dev false)) (is false "shell")
++ equal "command, not dev" (access (command // dev false)) (is false "command")
++ equal "services, not dev" (access (services // dev false)) (is false "services")
++ equal "boot" default.expectedBootMs 300
++ equal "vcpus" default.vcpus 2
++ equal "memory" default.memoryMib 512
++ equal "memory given" (of (shell // { memory_mib = 1024; })).memoryMib 1024
++ equal "ports" (of (shell // { ports = [ 80 ]; })).ports [ 80 ]
++ equal "resources by the original's names" (mkGuest {
  name = "m";
  entrypoint.shell = "/bin/sh";
  vcpus = 3;
}).passthru.resources { vcpus = 3; memory_mib = 512; }
++ equal "hypervisor" (map (more: (of more).hypervisor) [ shell (shell // { hypervisor = "firecracker"; }) ]) [ null "firecracker" ]
++ equal "whose numbers" (map (more: { inherit (of more) uids rootlessEntrypoint; }) [
  shell
  command
  (command // { uids = { agent = 990; entrypoint = 1000; }; })
  (command // { uids.entrypoint = 0; })
  services
  { services = { a.command = "/a"; b = { command = "/b"; user = "root"; }; }; }
  { services = { a.command = "/a"; b = { command = "/b"; user = "root"; }; }; entrypoint.services = [ "a" ]; }
]) [
  { uids = { agent = 0; entrypoint = 0; }; rootlessEntrypoint = false; }
  { uids = { agent = 0; entrypoint = 900; }; rootlessEntrypoint = true; }
  { uids = { agent = 0; entrypoint = 1000; }; rootlessEntrypoint = true; }
  { uids = { agent = 0; entrypoint = 0; }; rootlessEntrypoint = false; }
  { uids = { agent = 0; entrypoint = 900; }; rootlessEntrypoint = true; }
  { uids = { agent = 0; entrypoint = null; }; rootlessEntrypoint = false; }
  { uids = { agent = 0; entrypoint = 900; }; rootlessEntrypoint = true; }
]
++ equal "system" default.system system
++ equal "restart" (of services).services.web.restart "always"
++ equal "inline services" (builtins.attrNames (of { entrypoint.services.db.command = [ "/db" ]; }).services) [ "db" ]
++ equal "what a preset gave" (mapAttrs (_: s: s.presetFields or null) (of (
  shell
  // {
    services = {
      redis = {
        command = [ "/redis-server" ];
        ready.port = 6379;
      };
      web.command = [ "/web" ];
    };
  }
)).services)
  {
    redis = [ "directories" "port" "stopTimeout" "user" "workingDirectory" ];
    web = null;
  }
