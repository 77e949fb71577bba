# MariaDB and MySQL. They refuse root and a data directory without the system tables.
{
  names = [
    "mysql"
    "mariadb"
  ];
  user = {
    name = "mysql";
    uid = 73;
    home = "/var/lib/mysql";
  };
  doc =
    "Data in the folder of `--datadir`, else `/var/lib/mysql`; runs `mariadb-install-db` of the same package, or `mysqld "
    + "--initialize-insecure`, if it is empty: the user root of localhost has no password. Socket in `/run/mysqld`. "
    + "Ready when it answers `ping`. 30 s to stop.";
  fields =
    { command, ... }:
    let
      inherit (import ./argv.nix command)
        beside
        first
        option
        program
        toPort
        ;
      data = first [
        (option [ "--datadir" "-h" ])
        "/var/lib/mysql"
      ];
      socket = first [
        (option [ "--socket" ])
        "/run/mysqld/mysqld.sock"
      ];
      port = first [
        (toPort (option [ "--port" "-P" ]))
        3306
      ];
      # MariaDB's package has both names.
      isMariadb = program == "mariadbd" || builtins.match ".*mariadb.*" server != null;
      server = "${builtins.head command}";
      # The package's folder: its programs are not among the image's unless `packages` has it.
      base = first [
        (option [ "--basedir" ])
        (if builtins.match "/.*/bin/[^/]*" server == null then null else dirOf (dirOf server))
      ];
    in
    {
      inherit port;
      directories = [
        { path = data; }
        {
          path = dirOf socket;
          mode = "0755";
        }
      ];
      ready.command = [
        (beside (if isMariadb then "mariadb-admin" else "mysqladmin"))
        "--no-defaults"
        "--socket=${socket}"
        "--silent"
        "ping"
      ];
      stopTimeout = 30;
    }
    # The user root has no password for anyone inside the VM, and can only connect from localhost.
    // (
      if program == "mariadbd" || program == "mysqld" then
        {
          init = {
            command = [
              "/bin/sh"
              "${./fill.sh}"
              data
              "mysql"
              "--datadir"
            ]
            ++ (
              if isMariadb then
                [
                  (beside "mariadb-install-db")
                  "--no-defaults"
                  "--auth-root-authentication-method=normal"
                  "--skip-test-db"
                ]
              else
                [
                  server
                  "--no-defaults"
                  "--initialize-insecure"
                ]
            )
            ++ (if base == null then [ ] else [ "--basedir=${base}" ]);
            creates = "${data}/mysql";
          };
        }
      else
        { }
    );
}
