# All services of an image with all their fields, wherever they were declared: what the declaration says, else the preset,
# else the table. `args` are read (read.nix). The form is that of /mvm/image.json (ARCHITECTURE.md, Contracts).
args:
let
  inherit (builtins)
    attrNames
    filter
    hasAttr
    isAttrs
    isString
    mapAttrs
    removeAttrs
    ;
  service = import ./schema/service.nix;
  record = import ./schema/record.nix;
  inherit (import ./schema/command.nix) wordsOf;
  presets = import ./presets;
  inline = args.entrypoint.services or null;
  texts = mapAttrs (_: toString);
  optional = table: value: if value == null then null else record.complete table value;
  full =
    name: given:
    let
      preset = presets.find name given;
      # A preset reads the program's arguments.
      fields = if preset == null then { } else preset.fields (given // { command = wordsOf given.command; });
      asked = if given.user or null == null then removeAttrs given [ "user" ] else given;
      user = if preset == null then "app" else preset.user.name;
      s = record.complete service.table ({ inherit user; } // fields // asked);
      # What the preset gave, for people to see.
      presetFields =
        if preset == null then
          { }
        else
          { presetFields = filter (f: !hasAttr f asked && s.${f} != null) (attrNames ({ inherit user; } // fields)); };
    in
    s
    // {
      preset = if preset == null then null else builtins.head preset.names;
      env = texts (fields.env or { }) // texts (given.env or { });
      ready = optional service.readyTable s.ready;
      init = optional service.initTable s.init;
      directories = map (
        d: record.complete service.directoryTable (if isString d then { path = d; } else d)
      ) s.directories;
      log.maxBytes = (record.complete service.logTable s.log).max_mib * 1024 * 1024;
    }
    // presetFields;
in
mapAttrs full (args.services // (if isAttrs inline then inline else { }))
