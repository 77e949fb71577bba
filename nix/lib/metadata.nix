# What is known of an image before anything of it is built: passthru.mvm, and the base of image.json. `args` is checked and
# complete.
{ args, system }:
let
  inherit (builtins) attrNames length mapAttrs;
  entrypoint = import ./schema/entrypoint.nix;
  form = builtins.head (entrypoint.formsOf args.entrypoint);
  accessible = if args.dev != null then args.dev else form == "shell";
  services = import ./services.nix args;
  healthChecks = mapAttrs (
    _: (import ./schema/record.nix).complete (import ./schema/health-check.nix).table
  ) args.healthChecks;
in
{
  inherit (args)
    name
    vcpus
    ports
    volumes
    ;
  inherit system accessible services;
  sealed = !accessible;
  entrypointKind = form;
  # With KVM and mvm's kernel: 300 ms to the entrypoint (the specification's number), some more for each service.
  expectedBootMs = 300 + 20 * length (attrNames services);
  memoryMib = args.memory_mib;
  hostname = args.hostname;
}
# Not as an empty set: `nix eval` would print "«repeated»" for the second one.
// (if args.healthChecks == { } then { } else { inherit healthChecks; })
