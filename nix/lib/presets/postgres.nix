# PostgreSQL. It refuses to run as root and to make its own data directory.
{
  names = [
    "postgres"
    "postgresql"
  ];
  user = {
    name = "postgres";
    uid = 71;
    home = "/var/lib/postgresql";
  };
  doc =
    "Data in the folder of `-D` or `PGDATA`, else `/var/lib/postgresql/data`; runs `initdb` of the same package if it is "
    + "empty: `trust` for the socket in `/run/postgresql` and the loopback addresses, nothing else. Ready when "
    + "`pg_isready` says so. Stops with INT (fast shutdown), 30 s.";
  fields =
    { command, env ? { }, ... }:
    let
      inherit (import ./argv.nix command)
        beside
        first
        option
        program
        toPort
        ;
      data = first [
        (option [ "-D" "--data_directory" ])
        (env.PGDATA or null)
        "/var/lib/postgresql/data"
      ];
      port = first [
        (toPort (option [ "-p" "--port" ]))
        (toPort (toString (env.PGPORT or "")))
        5432
      ];
      # The folder that Debian's and nixpkgs' clients look in.
      sockets = first [
        (option [ "-k" "--unix_socket_directories" ])
        "/run/postgresql"
      ];
    in
    {
      inherit port;
      env.PGDATA = data;
      directories = [
        { path = data; }
        {
          path = sockets;
          mode = "0755";
        }
      ];
      ready.command = [
        (beside "pg_isready")
        "-q"
        "-h"
        sockets
        "-p"
        (toString port)
      ];
      # Fast shutdown: clients are cut off. TERM would wait for the last of them.
      stopSignal = "INT";
      stopTimeout = 30;
    }
    # A program of another name has its own way to begin.
    // (
      if program == "postgres" || program == "postmaster" then
        {
          # Anyone inside the VM may connect as any user of the database, nobody may from outside: `trust` is for the socket
          # and the loopback addresses, the only ones that initdb writes down and the server listens on.
          init = {
            command = [
              "/bin/sh"
              "${./fill.sh}"
              data
              "PG_VERSION"
              "--pgdata"
              (beside "initdb")
              "--username=postgres"
              "--encoding=UTF8"
              "--auth=trust"
              "--no-instructions"
              # fill.sh does that.
              "--no-sync"
            ];
            creates = "${data}/PG_VERSION";
          };
        }
      else
        { }
    );
}
