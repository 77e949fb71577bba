# docs/guide/mkguest.md, from the tables.
let
  inherit (builtins)
    attrNames
    concatStringsSep
    map
    replaceStrings
    sort
    ;
  show = import ./show.nix;
  cell = replaceStrings [ "|" "\n" ] [ "\\|" " " ];
  default = field: if field ? default then "`${show.show field.default}`" else "required";
  row =
    table: name:
    let
      field = table.${name};
      cells = [
        "`${name}`"
        field.type.form
        (default field)
        field.doc
        "`${field.example}`"
      ];
    in
    "| ${concatStringsSep " | " (map cell cells)} |";
  # What must be given comes first.
  ordered =
    table:
    let
      given = name: if table.${name} ? default then 1 else 0;
    in
    sort (a: b: given a < given b || (given a == given b && a < b)) (attrNames table);
  render = table: concatStringsSep "\n" (
    [
      "| name | takes | default | what | example |"
      "|---|---|---|---|---|"
    ]
    ++ map (row table) (ordered table)
  );
  service = import ./service.nix;
in
''
  # mkGuest

  <!-- Made from nix/lib/schema: nix eval --raw .#lib.x86_64-linux.mkGuestReference > docs/guide/mkguest.md -->

  `mvm.lib.<system>.mkGuest { … }` is the derivation of an image. Every argument is checked when the flake is evaluated; an
  error names the argument and shows the right form.

  ```nix
  mvm.lib.''${system}.mkGuest {
    name = "my-app-dev";
    entrypoint.shell = "/bin/bash";
    packages = with pkgs; [ git jq ripgrep python3 ];
    vcpus = 2;
    memory_mib = 1024;
  }
  ```

  ${render (import ./arguments.nix)}

  ## `entrypoint`

  Exactly one of `shell`, `command` and `services`.

  ${render (import ./entrypoint.nix).table}

  | form | accessible (`console`, `exec`) unless `dev` says otherwise |
  |---|---|
  | `shell` | yes |
  | `command` | no |
  | `services` | no |

  ## `services.<name>`

  ${render service.table}

  A command is a list of arguments: no shell splits it or expands variables in it. For a shell's language write
  `[ "/bin/sh" "-c" "…" ]`.

  ### `services.<name>.ready`

  ${render service.readyTable}

  ## `users.<name>`

  ${render (import ./user.nix).table}

  ## `extraFiles.<path>`

  A string is the file's text; a path or a package is copied. Or an attribute set:

  ${render (import ./file.nix).table}

  All files of an image belong to root.

  ## `healthChecks.<name>`

  ${render (import ./health-check.nix).table}

  ## What the image holds

  The closure of everything named above is under `/nix/store`. The programs of `packages` are linked in `/usr/bin` (which `/bin`,
  `/sbin` and `/usr/sbin` are, too), their `lib`, `libexec`, `share` and `include` in `/usr`. Behind them come `bash`, where the
  image is accessible, and busybox with its applets, so that `/bin/sh` and `/usr/bin/env` are always there. Certificates are in
  `/etc/ssl/certs/ca-certificates.crt`. `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf` are written at boot.

  ## What is known before it is built

  `nix eval .#dev.passthru.mvm` prints `name`, `system`, `entrypointKind`, `accessible`, `sealed`, `expectedBootMs`, `vcpus`,
  `memoryMib`, `hostname`, `services`, `ports` and, where there are some, `healthChecks`, and builds nothing. `expectedBootMs` holds for a machine with
  KVM and mvm's own kernel.

  The output has `kernel`, `initrd`, `rootfs.erofs` (read-only, compressed with LZ4) and `image.json`. Built twice, it has the
  same bytes.
''
