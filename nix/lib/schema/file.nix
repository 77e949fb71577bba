# extraFiles.<path>: what stands at a path of the root file system.
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    isAttrs
    isString
    match
    ;
  inherit (import ./show.nix) describe;
  inherit (import ./store.nix) inStore isSource isStorePath;
  types = import ./types.nix;
  record = import ./record.nix;

  source = types.simple "a path, a package or a flake" isSource // {
    read = inStore;
  };
  table = {
    text = {
      type = types.nullOr types.string;
      default = null;
      also = [ "content" ];
      example = "\"hello\\n\"";
      doc = "The content. Give either this or `source`.";
    };
    source = {
      type = types.nullOr source;
      default = null;
      aliases = [
        "path"
        "file"
      ];
      example = "./app.conf";
      doc = "A file or a folder to copy: whatever Nix can turn into a path, such as `./. + \"/my file\"`, `self` or a package.";
    };
    mode = {
      type = types.nullOr (types.matching "four octal digits" "0[0-7]{3}");
      default = null;
      aliases = [ "permissions" ];
      example = "\"0755\"";
      doc = "Its permissions. null: 0644, or 0755 if the source is executable.";
    };
  };
  form = "the file's text, a path, a package, or { text or source; mode; }";
  asRecord = {
    inherit form;
    problems =
      where: value:
      let
        found = record.problems {
          inherit table form;
          noun = "field";
        } where value;
        has = names: filter (name: (value.${name} or null) != null) names != [ ];
      in
      if
        found != [ ]
        || has [
          "text"
          "content"
        ] != has [ "source" ]
      then
        found
      else
        [
          {
            text = "`${where}` must have one of `text` and `source`; it is ${describe value}.";
            example = "text = ${table.text.example};";
          }
        ];
    read = record.read table;
  };
  asSource = source // {
    read = value: { source = inStore value; };
  };
  each = types.either form [
    {
      # A package's program, say, as it is there: executable.
      test = v: isStorePath v || (!isString v && isSource v);
      type = asSource;
    }
    {
      test = isString;
      type = types.string // {
        read = text: { inherit text; };
      };
    }
    {
      test = isAttrs;
      type = asRecord;
    }
  ];
  paths = types.attrsOf "an attribute set of files by path" {
    # No "." or ".." in it.
    pattern = "(/([^./\n][^/\n]*|\\.[^./\n][^/\n]*|\\.\\.[^/\n]+))+";
    form = "an absolute path such as \"/etc/app.conf\"";
  } each;
  hidden = filter (path: match "/(proc|sys|dev|run|tmp|var/run|nix)(/.*)?" path != null);
in
{
  inherit table;
  all = paths // {
    problems =
      where: value:
      paths.problems where value
      ++ (
        if !isAttrs value then
          [ ]
        else
          concatMap (
            path:
            types.placed path value [
              {
                text =
                  "`${where}.${types.quoteKey path}`: nothing in that folder would be visible; "
                  + "it is a mount of the guest or the store.";
              }
            ]
          ) (hidden (attrNames value))
      );
  };
}
