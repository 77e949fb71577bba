# A kernel bundle (ARCHITECTURE.md) from nixpkgs' kernel, with what the agent needs built in, so that it has no modules.
{ pkgs, system }:
let
  inherit (pkgs.lib) mkForce;
  yes = mkForce pkgs.lib.kernel.yes;
  arch = builtins.head (builtins.split "-" system);
  kernel = pkgs.linux.override {
    structuredExtraConfig =
      {
        VIRTIO = yes;
        VIRTIO_PCI = yes;
        VIRTIO_MMIO = yes;
        VIRTIO_BLK = yes;
        VIRTIO_NET = yes;
        VIRTIO_CONSOLE = yes;
        VSOCKETS = yes;
        VIRTIO_VSOCKETS = yes;
        EXT4_FS = yes;
        EROFS_FS = yes;
        EROFS_FS_ZIP = yes;
        OVERLAY_FS = yes;
        BLK_DEV_DM = yes;
        DM_VERITY = yes;
      }
      # QEMU and Firecracker start the ELF file by its PVH note.
      // (if arch == "x86_64" then { PVH = yes; } else { });
  };
  image = if arch == "x86_64" then "${kernel.dev}/vmlinux" else "${kernel}/Image";
in
import ./made-here.nix {
  name = "mvm-kernel-${kernel.version}";
  inherit system image arch;
  inherit (kernel) version;
  builder = "${pkgs.bash}/bin/bash";
  busybox = "${pkgs.busybox}/bin/busybox";
  strip = "${pkgs.binutils-unwrapped}/bin/strip";
  args = [
    "-euc"
    ''
      "$busybox" mkdir "$out"
      if [ "$arch" = x86_64 ]; then "$strip" -s -o "$out/kernel" "$image"; else "$busybox" cp "$image" "$out/kernel"; fi
      : >"$out/modules.cpio"
      digest() {
        set -- $("$busybox" sha256sum "$1") "$("$busybox" stat -c %s "$1")"
        printf '{ "sha256": "%s", "size": %s }' "$1" "$3"
      }
      {
        printf '{\n  "schema": 1,\n  "arch": "%s",\n  "version": "%s",\n' "$arch" "$version"
        printf '  "source": { "package": "nixpkgs linux", "version": "%s", "sha256": "%064d" },\n' "$version" 0
        printf '  "commandLine": "",\n  "modules": [],\n  "files": { "kernel": %s, "modules.cpio": %s }\n}\n' \
          "$(digest "$out/kernel")" "$(digest "$out/modules.cpio")"
      } >"$out/kernel.json"
    ''
  ];
}
