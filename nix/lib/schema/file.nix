# extraFiles.<path>: what stands at a path of the root file system.
let
  inherit (builtins)
    attrNames
    filter
    head
    isAttrs
    isPath
    isString
    match
    ;
  inherit (import ./show.nix) isDerivation describe;
  types = import ./types.nix;
  record = import ./record.nix;

  source = types.simple "a path or a package" (
    v: isPath v || isDerivation v || (isString v && match "/.*" v != null)
  );
  table = {
    text = {
      type = types.nullOr types.string;
      default = null;
      aliases = [ "content" ];
      example = "\"hello\\n\"";
      doc = "The content; or else give `source`.";
    };
    source = {
      type = types.nullOr source;
      default = null;
      aliases = [
        "path"
        "file"
      ];
      example = "./app.conf";
      doc = "A file or a folder to copy, or a package.";
    };
    mode = {
      type = types.nullOr (types.matching "four octal digits" "0[0-7]{3}");
      default = null;
      aliases = [ "permissions" ];
      example = "\"0755\"";
      doc = "Its permissions; null: 0644, or 0755 where the source is executable.";
    };
  };
  form = "the file's text, a path, a package, or { text or source; mode; }";
  asRecord = {
    inherit form;
    problem =
      where: value:
      let
        found = record.problem {
          inherit table form;
          noun = "field";
        } where value;
      in
      if found != null then
        found
      else if ((value.text or null) == null) == ((value.source or null) == null) then
        {
          text = "`${where}` must have one of `text` and `source`; it is ${describe value}.";
          example = "text = ${table.text.example};";
        }
      else
        null;
  };
in
rec {
  inherit table;
  all = {
    inherit (paths) form;
    problem =
      where: value:
      let
        found = paths.problem where value;
        hidden = filter (path: match "/(proc|sys|dev|run|tmp|var/run|nix)(/.*)?" path != null) (attrNames value);
      in
      if found != null then
        found
      else if hidden != [ ] then
        {
          text =
            "`${where}.${types.quoteKey (head hidden)}`: nothing in that folder would be seen; "
            + "it is a mount of the guest or the store.";
        }
      else
        null;
  };
  paths =
    let
      each = types.either form [
        {
          test = isString;
          type = types.string;
        }
        {
          test = v: isPath v || isDerivation v;
          type = source;
        }
        {
          test = isAttrs;
          type = asRecord;
        }
      ];
    in
    types.attrsOf "an attribute set of files by path" {
      # No "." or ".." in it.
      pattern = "(/([^./\n][^/\n]*|\\.[^./\n][^/\n]*|\\.\\.[^/\n]+))+";
      form = "an absolute path such as \"/etc/app.conf\"";
    } each;
}
