# What is known of an image before anything of it is built: passthru.mvm, and the base of image.json. `args` is read
# (read.nix).
{ args, system }:
let
  inherit (builtins)
    all
    attrNames
    attrValues
    head
    intersectAttrs
    isAttrs
    isList
    length
    listToAttrs
    mapAttrs
    ;
  entrypoint = import ./schema/entrypoint.nix;
  form = head (entrypoint.formsOf args.entrypoint);
  accessible = if args.dev != null then args.dev else form == "shell";
  services = import ./services.nix args;
  healthChecks = mapAttrs (
    _: (import ./schema/record.nix).complete (import ./schema/health-check.nix).table
  ) args.healthChecks;

  users = import ./root/users.nix (args // { inherit services; });
  # Whose end ends the VM.
  named = args.entrypoint.services;
  ending =
    if isAttrs named then
      intersectAttrs named services
    else if isList named then
      intersectAttrs (listToAttrs (map (name: { inherit name; value = null; }) named)) services
    else
      services;
  user = args.entrypoint.user or (if form == "shell" && accessible then "root" else "app");
  numbers = if form == "services" then map (s: users.uidOf s.user) (attrValues ending) else [ (users.uidOf user) ];
  number = head numbers;
in
{
  inherit (args)
    name
    vcpus
    ports
    volumes
    hypervisor
    ;
  inherit system accessible services;
  sealed = !accessible;
  entrypointKind = form;
  # With KVM and mvm's kernel: 300 ms to the entrypoint (the specification's number), some more for each service.
  expectedBootMs = 300 + 20 * length (attrNames services);
  memoryMib = args.memory_mib;
  hostname = args.hostname;
  uids = {
    # PID 1.
    agent = 0;
    # Null where services of several users are the entrypoint.
    entrypoint = if all (n: n == number) numbers then number else null;
  };
  rootlessEntrypoint = all (n: n != 0) numbers;
}
# Not as an empty set: `nix eval` would print "«repeated»" for the second one.
// (if args.healthChecks == { } then { } else { inherit healthChecks; })
