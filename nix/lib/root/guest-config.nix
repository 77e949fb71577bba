# /mvm/image.json: what the agent is told of its image (ARCHITECTURE.md, Contracts).
{
  args,
  metadata,
  environment,
  users,
}:
let
  e = args.entrypoint;
  kind = metadata.entrypointKind;
  # Whose end ends the VM.
  named = {
    list = e.services;
    set = builtins.attrNames e.services;
    bool = builtins.attrNames metadata.services;
  };
  argv = {
    shell = [
      (e.shell or "/bin/bash")
      "-l"
    ];
    command = map (part: "${part}") e.command;
    services = [ ];
  };
in
builtins.toJSON {
  schema = 1;
  entrypoint = {
    inherit kind;
    argv = argv.${kind};
    user = e.user or "root";
    workingDirectory = e.workingDirectory or (users.homeOf (e.user or "root"));
    services = if kind == "services" then named.${builtins.typeOf e.services} else [ ];
  };
  env = environment;
  inherit (metadata) accessible services;
  healthChecks = metadata.healthChecks or { };
  # What `console` opens beside a program.
  shell = if metadata.accessible then argv.shell else null;
  hostname = args.hostname;
  inherit (users) directories;
}
