# An image's derivation: `kernel`, `initrd`, `rootfs.erofs`, `image.json`, and `rootfs.verity` where it is sealed. Equal input
# gives equal bytes.
{
  pkgs,
  system,
  args,
  metadata,
}:
let
  prebuilt = import ../prebuilt.nix {
    inherit pkgs system;
    inherit (metadata) sealed;
  };
  root = import ../root/root.nix {
    inherit
      pkgs
      system
      args
      metadata
      ;
  };
in
import ../made-here.nix {
  name = "${args.name}-image";
  inherit system;
  builder = "${pkgs.bash}/bin/bash";
  args = [
    "-euo"
    "pipefail"
    "${./pack.sh}"
  ];
  __structuredAttrs = true;
  # The files hold copies of the closure; the paths that are legible in them need not stay in the store.
  unsafeDiscardReferences.out = true;
  busybox = "${pkgs.busybox}/bin/busybox";
  mkfs = "${pkgs.erofs-utils}/bin/mkfs.erofs";
  cpio = "${./cpio.sh}";
  inherit (prebuilt) agent;
  kernel = if args.kernel != null then (import ../schema/store.nix).inStore args.kernel else prebuilt.kernel;
  inherit root;
  exportReferencesGraph.closure = root;
  # The program that makes the hash tree; none where the root is not to be verified.
  veritysetup = if metadata.sealed then "${pkgs.lib.getBin pkgs.cryptsetup}/bin/veritysetup" else "";
  # A salt keeps nothing secret; an image's own keeps tables made for one from being of use for another.
  salt = builtins.hashString "sha256" "mvm ${args.name}";
  imageJson = import ./image-json.nix metadata;
}
