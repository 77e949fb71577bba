# What the agent is told of services: declaration over preset over defaults.
{ mkGuest }:
let
  inherit (builtins)
    all
    fromJSON
    listToAttrs
    toJSON
    unsafeDiscardStringContext
    ;
  root =
    services:
    (mkGuest {
      name = "m";
      entrypoint.shell = "/bin/bash";
      inherit services;
    }).root;
  told = services: (fromJSON (unsafeDiscardStringContext (root services).guestConfig)).services;
  one = name: fields: (told { ${name} = fields; }).${name};
  run = name: command: one name { inherit command; };
  passwd = services: (root services).texts."/etc/passwd";
  holds = part: text: builtins.replaceStrings [ part ] [ "" ] text != text;
  equal = what: a: b: if a == b then [ ] else [ "${what}: ${toJSON a}, not ${toJSON b}" ];
  pick = names: set: listToAttrs (map (name: { inherit name; value = set.${name}; }) names);

  postgres = run "postgres" [ "/pg/bin/postgres" "-D" "/var/lib/postgresql/data" ];
  redis = run "redis" [ "/redis/bin/redis-server" ];
  presetOf = name: fields: (one name ({ command = [ "/x/bin/${name}" ]; } // fields)).preset;
in
equal "a service without a preset" (one "web" { command = [ "/web" ]; }) {
  command = [ "/web" ];
  restart = "always";
  env = { };
  user = "app";
  workingDirectory = "/var/lib/app";
  preStart = null;
  after = [ ];
  ready = null;
  port = null;
  stopSignal = "TERM";
  stopTimeout = 10;
  log.maxBytes = 2097152;
  preset = null;
  init = null;
  directories = [ ];
}
++ equal "PostgreSQL, as the specification has it" (removeAttrs postgres [ "command" "init" ]) {
  restart = "always";
  env.PGDATA = "/var/lib/postgresql/data";
  user = "postgres";
  workingDirectory = "/var/lib/postgresql";
  preStart = null;
  after = [ ];
  ready = {
    command = [ "/pg/bin/pg_isready" "-q" "-h" "/run/postgresql" "-p" "5432" ];
    port = null;
    file = null;
    timeout = 60;
  };
  port = 5432;
  stopSignal = "INT";
  stopTimeout = 30;
  log.maxBytes = 2097152;
  preset = "postgres";
  directories = [
    { path = "/var/lib/postgresql/data"; mode = "0700"; }
    { path = "/run/postgresql"; mode = "0755"; }
  ];
}
++ equal "its first start" (postgres.init.creates) "/var/lib/postgresql/data/PG_VERSION"
++ equal "by its own initdb" (builtins.elemAt postgres.init.command 5) "/pg/bin/initdb"
++ equal "its data is where it looks: -D before PGDATA" (one "postgresql" {
  command = [ "/pg/bin/postgres" "-D/srv/pg" ];
  env.PGDATA = "/other";
}).init.creates "/srv/pg/PG_VERSION"
++ equal "PGDATA before the usual folder" (one "postgresql" {
  command = [ "/pg/bin/postgres" ];
  env.PGDATA = "/srv/pg";
}).init.creates "/srv/pg/PG_VERSION"
++ equal "and its port" (map (service: service.port) [
  (run "postgres" [ "/bin/postgres" "-p" "5433" ])
  (run "postgres" [ "/bin/postgres" "--port=5434" ])
  (one "postgres" { command = [ "/bin/postgres" ]; env.PGPORT = 5435; })
]) [ 5433 5434 5435 ]
++ equal "a program of another name begins by itself" (run "postgres" [ "/my/start-postgres" ]).init null
++ equal "Redis" (pick [ "user" "workingDirectory" "directories" "port" "preset" ] redis) {
  user = "redis";
  workingDirectory = "/var/lib/redis";
  directories = [ { path = "/var/lib/redis"; mode = "0700"; } ];
  port = 6379;
  preset = "redis";
}
++ equal "it is asked where it listens" (run "redis" [ "/r/redis-server" "--port" "7000" ]).ready.command [
  "/bin/sh"
  "-c"
  "\"$0\" -p \"$1\" ping 2>&1 | grep -q -e PONG -e NOAUTH"
  "/r/redis-cli"
  "7000"
]
++ equal "but not where only a file knows" (run "redis" [ "/r/redis-server" "/etc/redis.conf" ]).ready null
++ equal "MariaDB's first start" (builtins.elemAt (run "mysql" [ "/m/bin/mariadbd" ]).init.command 5) "/m/bin/mariadb-install-db"
++ equal "MySQL's first start" (builtins.elemAt (run "mysql" [ "/m/bin/mysqld" ]).init.command 6) "--no-defaults"
++ equal "nginx ends gracefully" (pick [ "user" "stopSignal" "ready" ] (run "nginx" [ "/n/bin/nginx" ])) {
  user = "nginx";
  stopSignal = "QUIT";
  ready = null;
}
++ equal "nginx where it listens" (one "nginx" { command = [ "/n/bin/nginx" ]; port = 8080; }).ready.port 8080
++ equal "memcached" (run "memcached" [ "/m/memcached" "-p" "11212" ]).ready.port 11212
++ equal "whose defaults" [
  (presetOf "postgresql" { })
  (presetOf "valkey" { })
  (presetOf "mariadb" { })
  (presetOf "db" { preset = "postgresql"; })
  (presetOf "redis" { preset = null; })
  (presetOf "my-redis" { })
] [ "postgres" "redis" "mysql" "postgres" null null ]
++ equal "declared fields win" (pick [ "user" "stopSignal" "port" "env" "ready" "directories" "init" ] (
  one "postgres" {
    command = [ "/pg/bin/postgres" ];
    user = "root";
    stopSignal = "TERM";
    port = 1;
    env.A = 1;
    ready = null;
    init = null;
    directories = [ "/srv/x" ];
  }
)) {
  user = "root";
  stopSignal = "TERM";
  port = 1;
  env = {
    A = "1";
    PGDATA = "/var/lib/postgresql/data";
  };
  ready = null;
  init = null;
  directories = [ { path = "/srv/x"; mode = "0700"; } ];
}
++ equal "no preset, no defaults" (pick [ "user" "directories" "init" ] (
  one "postgres" { command = [ "/pg/bin/postgres" ]; preset = null; }
)) {
  user = "app";
  directories = [ ];
  init = null;
}
++ equal "users of presets are in the image" (
  all (line: holds line (passwd {
    postgres.command = [ "/postgres" ];
    cache = { command = [ "/redis-server" ]; preset = "redis"; };
  })) [
    "\npostgres:*:71:71::/var/lib/postgresql:/bin/false\n"
    "\nredis:*:72:72::/var/lib/redis:/bin/false\n"
  ]
) true
++ equal "and only those" (holds "redis" (passwd { postgres.command = [ "/postgres" ]; })) false
++ equal "every preset's user is in the image" (
  builtins.filter (name: !(holds "\n${(run name [ "/x" ]).user}:" (passwd { ${name}.command = [ "/x" ]; }))) (
    (import ../lib/presets).names
  )
) [ ]
++ equal "what is kept of the output" (one "web" { command = [ "/web" ]; log.max_mib = 4; }).log.maxBytes 4194304
