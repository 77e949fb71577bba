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
        (concatStringsSep ", " (map (n: "`${n}`") ([ name ] ++ (field.also or [ ]))))
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
  presetRow =
    preset:
    "| ${concatStringsSep ", " (map (name: "`${name}`") preset.names)} | `${preset.user.name}` | ${cell preset.doc} |";
  presets = concatStringsSep "\n" (map presetRow (import ../presets).all);
in
''
  # mkGuest

  <!-- Made from nix/lib/schema: nix eval --raw .#lib.x86_64-linux.mkGuestReference > docs/guide/mkguest.md -->

  `mvm.lib.<system>.mkGuest { … }` is the derivation of an image. Every argument is checked when the flake is evaluated. The
  error lists everything that is wrong, each with its line and the right form. Two names in a row of a table mean the same.

  ```nix
  mvm.lib.''${system}.mkGuest {
    name = "my-app-dev";
    entrypoint.shell = "/bin/bash";
    packages = with pkgs; [
      git
      jq
      ripgrep
      python3
    ];
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

  A command is a list of arguments; no shell splits it or expands variables in it. A string is a line for `/bin/sh`, which means
  `[ "/bin/sh" "-c" "exec …" ]`, without `exec` if it is more than one command. `entrypoint.command` is always a list.

  ### `services.<name>.ready`

  ${render service.readyTable}

  ### `services.<name>.init`

  ${render service.initTable}

  ### `services.<name>.directories`

  A path or an attribute set:

  ${render service.directoryTable}

  ### `services.<name>.log`

  ${render service.logTable}

  ### Presets

  Well-known services are recognised by their names, so their command alone is enough. Each field that a service declares
  overrides the preset's (an `env` is merged). `preset = null` uses no preset; `preset = "postgres"` uses that preset for a service with
  another name. `nix eval .#dev.passthru.mvm.services` and `mvmctl inspect` show the result.

  | names | user | what |
  |---|---|---|
  ${presets}

  All of them were run in guests with the packages of `--nixpkgs debian` (PostgreSQL 17, Redis 8, Valkey 8, MariaDB 11.8, nginx 1.26, memcached
  1.6): they start on an empty disk and answer, and PostgreSQL, Redis, MariaDB and nginx come back after `kill -9`, with their data.
  MySQL itself was not run, because Debian does not have it.

  Ports and folders are read from the command's arguments, not from configuration files. If a file sets them, declare `ready`
  and `directories`. If the command is a script of your own, it must do the first initialisation itself.

  Unless configured otherwise, PostgreSQL listens on loopback only, and Redis refuses connections from elsewhere. To reach them by a published port,
  give them these arguments: PostgreSQL `"-h" "*"` and a `pg_hba.conf` of your own, Redis `"--requirepass"` or
  `"--protected-mode" "no"`.

  ## `users.<name>`

  ${render (import ./user.nix).table}

  ## `extraFiles.<path>`

  A string is the file's text, unless it is a path in the store, such as `"''${pkgs.hello}/bin/hello"`, which is copied, as are
  a path, a package and `self`. You can also give an attribute set:

  ${render (import ./file.nix).table}

  All files in an image belong to root.

  ## Users

  | who | runs as |
  |---|---|
  | the shell of an accessible image, `console`, `exec` | `root` |
  | `entrypoint.command`; services without `user` and preset | `app`, a system user with the home `/var/lib/app` |
  | services with a preset | the preset's user |

  To run as root, declare `user = "root"`. Low ports are no reason to: every user can listen on ports below 1024.

  ## What is kept

  The image is read-only; what is written goes into a layer on top of it. A VM started with `mvmctl dev up` keeps all of it until `--reset`. A VM started with `mvmctl up`
  starts afresh each time, except for the folders in `volumes`, which are on a disk of their own:

  ```nix
  volumes = [ "/var/lib/postgresql" ];
  ```

  State belongs in `/var/lib`: the homes of `app` and of the presets' users are there.

  ## `healthChecks.<name>`

  ${render (import ./health-check.nix).table}

  ## What the image holds

  The closure of everything named above is under `/nix/store`. The programs of `packages` are linked in `/usr/bin` (which `/bin`,
  `/sbin` and `/usr/sbin` also point to) and `/usr/local/bin` (also `/usr/local/sbin`), their `lib`, `libexec`, `share` and `include` in `/usr`. After them come `bash`, if the
  image is accessible, and busybox with its applets, so that `/bin/sh` and `/usr/bin/env` are always there. Certificates are in
  `/etc/ssl/certs/ca-certificates.crt`, time zones in `/usr/share/zoneinfo` (the clock is UTC; `env.TZ = "Europe/Berlin";` sets another zone
  for all programs), and `LANG` is `C.UTF-8`. `/etc/hosts`, `/etc/hostname` and `/etc/resolv.conf` are written at boot.

  ## What you can read without building

  `nix eval .#dev.passthru.mvm` prints `name`, `system`, `entrypointKind`, `accessible`, `sealed`, `expectedBootMs`, `vcpus`,
  `memoryMib`, `hostname`, `services`, `ports`, `volumes`, `hypervisor`, `uids` (the numbers of the agent and of the entrypoint),
  `rootlessEntrypoint` and, if there are any, `healthChecks`, without building anything. `passthru.resources` has `vcpus` and
  `memory_mib`.
  `expectedBootMs` is an estimate for a machine with KVM and mvm's own kernel.

  The output has `kernel`, `initrd`, `rootfs.erofs` (read-only, compressed with LZ4) and `image.json`. Building it twice gives the
  same bytes.
''
