# kernel: a kernel bundle (ARCHITECTURE.md). A kernel of nixpkgs is none.
let
  inherit (builtins) isAttrs isPath pathExists;
  types = import ./types.nix;
  example = "nothing: mvm brings a kernel";
  files = "`kernel`, `modules.cpio` and `kernel.json`";
in
{
  form = "a folder with ${files}";
  problems =
    where: value:
    if isAttrs value && (value ? modDirVersion || value ? kernel || value ? configfile) then
      [
        {
          text = "`${where}` must be a folder with ${files}; it is a kernel from nixpkgs. mvm brings one that boots everywhere.";
          inherit example;
        }
      ]
    else if isPath value && !pathExists (value + "/kernel.json") then
      [
        {
          text = "`${where}` must be a folder with ${files}; ${baseNameOf value} has no kernel.json.";
          inherit example;
        }
      ]
    else
      types.package.problems where value;
}
