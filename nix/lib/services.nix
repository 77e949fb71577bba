# All services of an image with all their fields, wherever they were declared.
args:
let
  inherit (builtins) isAttrs mapAttrs;
  service = import ./schema/service.nix;
  record = import ./schema/record.nix;
  inline = args.entrypoint.services or null;
  full =
    _: given:
    let
      s = record.complete service.table given;
    in
    s
    // {
      env = mapAttrs (_: toString) s.env;
      ready = if s.ready == null then null else record.complete service.readyTable s.ready;
    };
in
mapAttrs full (args.services // (if isAttrs inline then inline else { }))
