# What the three functions have in common: their arguments, and { package; service; healthCheck; }.
{ pkgs, system }:
let
  inherit (builtins) isString match;
  types = import ../schema/types.nix;
  record = import ../schema/record.nix;
  inherit (import ../schema/store.nix) isSource inStore;
  mistakes = import ../mistakes.nix;
  table = {
    name = {
      inherit ((import ../schema/arguments.nix).name) type example;
    };
    src = {
      type = types.simple "a path, a package or a flake" isSource // {
        read = inStore;
      };
      example = "./.";
    };
    port = {
      type = types.between 1 65535;
      example = "8080";
    };
    env = {
      type = import ../schema/env.nix;
      default = { };
      example = "{ PORT = \"8080\"; }";
    };
    user = {
      type = types.nullOr types.text;
      default = null;
      example = "\"app\"";
    };
  };
in
{
  inherit table;
  # A file in `src`.
  file = {
    type = types.simple "the path of a file in `src`" (v: isString v && match "[^/].*" v != null);
    example = "\"main.py\"";
  };

  # The arguments with their defaults, or the error with all that is wrong with them.
  read =
    function: table: args:
    let
      problems = record.problems {
        inherit table;
        noun = "argument";
        form = "an attribute set with `name`, `src` and `port`";
      } "" args;
    in
    if problems == [ ] then record.complete table args else throw (mistakes function args problems);

  # `command` of the source's folder in the store.
  make =
    args: command:
    let
      # For `packages`: the source, under a name that says whose it is.
      package = import ../made-here.nix {
        inherit (args) name src;
        inherit system;
        builder = "${pkgs.bash}/bin/bash";
        busybox = "${pkgs.busybox}/bin/busybox";
        args = [
          "-euc"
          ''
            "$busybox" mkdir -p "$out/share"
            "$busybox" ln -s "$src" "$out/share/$name"
          ''
        ];
      };
    in
    {
      inherit package;
      service = {
        inherit (args) port user;
        # It listens where this says, if it reads it.
        env = { PORT = toString args.port; } // args.env;
        command = command "${args.src}";
        workingDirectory = "${args.src}";
        ready = { inherit (args) port; };
      };
      healthCheck = { inherit (args) port; };
    };
}
