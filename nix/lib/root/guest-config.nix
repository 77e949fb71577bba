# /mvm/image.json: what the agent is told of its image (ARCHITECTURE.md, Contracts).
{
  args,
  metadata,
  environment,
  users,
}:
let
  e = args.entrypoint;
  argv = {
    shell = [
      e.shell
      "-l"
    ];
    command = map (part: "${part}") e.command;
    services = [ ];
  };
in
builtins.toJSON {
  schema = 1;
  entrypoint = {
    kind = metadata.entrypointKind;
    argv = argv.${metadata.entrypointKind};
    user = e.user or "root";
    workingDirectory = e.workingDirectory or (users.homeOf (e.user or "root"));
    # With kind "services": whose end ends the VM.
    services = if builtins.isList (e.services or null) then e.services else builtins.attrNames metadata.services;
  };
  env = environment;
  inherit (metadata) accessible services;
  healthChecks = metadata.healthChecks or { };
  hostname = args.hostname;
  inherit (users) directories;
}
