# volumes: folders that are kept. volumeMounts: the original's way to say so.
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    match
    stringLength
    substring
    ;
  types = import ./types.nix;
  record = import ./record.nix;
  inherit (import ./show.nix) quote;
  pattern = "(/([^./\n][^/\n]*|\\.[^./\n][^/\n]*|\\.\\.[^/\n]+))+";
  absolute = "an absolute path such as \"/var/lib/app\"";
  list = types.listOf "a list of folders" (types.matching absolute pattern);
  isMount = path: match "/(proc|sys|dev|run|tmp|nix|mvm|var/run)(/.*)?" path != null;
  mount = where: path: {
    text = "`${where}` has ${quote path}, which can't be kept: it is a mount of the guest or the store.";
  };
  within = inner: outer: substring 0 (stringLength outer + 1) inner == "${outer}/";
  # What no two folders may be to each other.
  between =
    where: paths:
    let
      at = i: builtins.elemAt paths i;
      indices = builtins.genList (i: i) (builtins.length paths);
      twice = filter (i: filter (j: j < i && at i == at j) indices != [ ]) indices;
      inside = concatMap (path: map (outer: { inherit path outer; }) (filter (within path) paths)) paths;
    in
    map (i: { text = "`${where}` has ${quote (at i)} twice."; }) twice
    ++ map (p: { text = "`${where}` has ${quote p.path}, which is already inside ${quote p.outer}."; }) inside;

  mountTable = {
    volume = {
      type = types.text;
      example = "\"data\"";
      doc = "A name.";
    };
    readOnly = {
      type = types.bool;
      default = false;
      example = "false";
      doc = "Always false here.";
    };
  };
  mountForm = "an attribute set such as { volume = \"data\"; }";
  one = {
    form = mountForm;
    problems =
      where: value:
      record.problems {
        table = mountTable;
        form = mountForm;
        noun = "field";
      } where value
      ++ (
        if value.readOnly or false == true then
          [
            {
              text =
                "`${where}` is read-only, but a volume of a VM is writable and starts empty. "
                + "What is only read belongs in the image.";
              example = "extraFiles.\"/srv/data\".source = ./data;";
            }
          ]
        else
          [ ]
      );
  };
  byPath = types.attrsOf "an attribute set of volumes by path" {
    inherit pattern;
    form = absolute;
  } one;
in
{
  inherit between;
  kept = list // {
    problems =
      where: value:
      let
        found = list.problems where value;
      in
      if found != [ ] then found else map (mount where) (filter isMount value) ++ between where value;
  };
  mounts = byPath // {
    form = "the original's form of `volumes`: { \"/var/lib/app\" = { volume = \"data\"; }; }";
    problems =
      where: value:
      let
        found = byPath.problems where value;
      in
      if found != [ ] then found else map (mount where) (filter isMount (attrNames value));
    # The VM's own disk has all of them, under their paths.
    read = attrNames;
  };
}
