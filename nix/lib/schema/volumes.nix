# volumes: folders that are kept.
let
  inherit (builtins)
    concatMap
    filter
    head
    length
    match
    stringLength
    substring
    ;
  types = import ./types.nix;
  inherit (import ./show.nix) quote;
  folder = types.matching "an absolute path such as \"/var/lib/app\"" "(/([^./\n][^/\n]*|\\.[^./\n][^/\n]*|\\.\\.[^/\n]+))+";
  list = types.listOf "a list of folders" folder;
  within = inner: outer: substring 0 (stringLength outer + 1) inner == "${outer}/";
in
{
  inherit (list) form;
  problem =
    where: value:
    let
      found = list.problem where value;
      mounts = filter (path: match "/(proc|sys|dev|run|tmp|nix|mvm|var/run)(/.*)?" path != null) value;
      twice = filter (path: length (filter (other: other == path) value) > 1) value;
      inside = concatMap (path: map (outer: { inherit path outer; }) (filter (within path) value)) value;
    in
    if found != null then
      found
    else if mounts != [ ] then
      { text = "`${where}` has ${quote (head mounts)}, which can't be kept: it is a mount of the guest or the store."; }
    else if twice != [ ] then
      { text = "`${where}` has ${quote (head twice)} twice."; }
    else if inside != [ ] then
      { text = "`${where}` has ${quote (head inside).path}, which lies in ${quote (head inside).outer} already."; }
    else
      null;
}
