# users.<name>: an entry of /etc/passwd. There are no passwords in an image.
let
  inherit (builtins) attrNames intersectAttrs isAttrs removeAttrs;
  types = import ./types.nix;
  record = import ./record.nix;
  id = types.between 1 65533;
  role = types.between 0 65533;

  table = {
    uid = {
      type = types.nullOr id;
      default = null;
      example = "1000";
      doc = "The number of the user and its group. null: the one in `uids`, else the next free one from 1000.";
    };
    home = {
      type = types.nullOr types.absolutePath;
      default = null;
      example = "\"/var/lib/app\"";
      doc = "The home folder, created at boot and owned by the user. null: `/home/<name>`.";
    };
    shell = {
      type = types.absolutePath;
      default = "/bin/sh";
      example = "\"/bin/bash\"";
      doc = "The user's login shell.";
    };
    groups = {
      type = types.listOf "a list of names of groups" types.text;
      default = [ ];
      aliases = [ "extraGroups" ];
      example = "[ \"wheel\" ]";
      doc = "Groups besides the user's own; missing ones are created.";
    };
    description = {
      type = types.matching "one line without a colon" "[^:\n]*";
      default = "";
      example = "\"The application\"";
      doc = "The comment in /etc/passwd.";
    };
  };
  # Users of the original have a primary group by name.
  group = "a user's own group has the user's name and number; for other groups write `groups`, a list.";
  form = "an attribute set such as { home = \"/var/lib/app\"; }, or { }";
  keys = {
    pattern = "[a-z_][a-z0-9_-]{0,30}";
    form = "a user name: small letters, digits, '-' and '_'";
  };
in
{
  inherit table;
  all = types.attrsOf "an attribute set of users" keys {
    inherit form;
    problems = record.problems {
      inherit table form;
      noun = "field";
      refused = { inherit group; };
    };
    read = record.read table;
  };
  # `agent` and `entrypoint` are roles (nix/lib/roles.nix) and may be root.
  numbers =
    let
      of = types.attrsOf "an attribute set of user numbers" keys;
    in
    of id
    // {
      problems =
        where: value:
        let
          roles = if isAttrs value then intersectAttrs { agent = null; entrypoint = null; } value else { };
        in
        (of role).problems where roles
        ++ (of id).problems where (if isAttrs value then removeAttrs value (attrNames roles) else value);
    };
}
