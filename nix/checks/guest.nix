# What the agent is told: /mvm/image.json, and the users it finds.
{ mkGuest }:
let
  inherit (builtins) fromJSON toJSON unsafeDiscardStringContext;
  # The derivation carries its own arguments.
  of = more: (mkGuest ({ name = "m"; } // more)).root;
  told = more: fromJSON (unsafeDiscardStringContext (of more).guestConfig);
  entry = more: (told more).entrypoint;
  whose = more: (entry more).user;
  passwd = more: (of more).texts."/etc/passwd";
  # The entrypoint's user and its number.
  runsAs =
    more:
    let
      user = whose more;
      line = builtins.match ".*(^|\n)${user}:\\*:([0-9]+):.*" (passwd more);
    in
    "${user} ${builtins.elemAt line 1}";
  run = line: (told (shell // { services.a.command = line; })).services.a.command;
  equal = what: a: b: if a == b then [ ] else [ "${what}: ${toJSON a}, not ${toJSON b}" ];

  shell.entrypoint.shell = "/bin/bash";
  command.entrypoint.command = [
    "/serve"
    "--debug"
  ];
  two.services = {
    a.command = [ "/a" ];
    b.command = [ "/b" ];
  };
in
equal "a shell is a login shell" (entry shell) {
  kind = "shell";
  argv = [
    "/bin/bash"
    "-l"
  ];
  user = "root";
  workingDirectory = "/root";
  services = [ ];
  stopSignal = "TERM";
  stopTimeout = 10;
}
++ equal "a command as it is" (entry command).argv command.entrypoint.command
++ equal "a program without a user is not root's" (whose command) "app"
++ equal "nor in an accessible image" (whose (command // { dev = true; })) "app"
++ equal "root where it is declared" (whose {
  entrypoint.command = [ "/serve" ];
  entrypoint.user = "root";
}) "root"
++ equal "nor a sealed shell" (whose (shell // { dev = false; })) "app"
++ equal "its home is made" (told command).directories [
  {
    path = "/var/lib/app";
    user = "app";
    mode = "0700";
  }
]
++ equal "how it is stopped" {
  inherit (entry {
    entrypoint.command = [ "/serve" ];
    entrypoint.stopSignal = "QUIT";
    entrypoint.stopTimeout = 60;
  }) stopSignal stopTimeout;
} {
  stopSignal = "QUIT";
  stopTimeout = 60;
}
++ equal "sealed or not" (map (more: (told more).sealed) [ shell command (command // { dev = true; }) ]) [ false true false ]
++ equal "volumes" (told (command // { volumes = [ "/srv" ]; })).volumes [ "/srv" ]
++ equal "a user starts at home" (entry {
  entrypoint.command = [ "/serve" ];
  entrypoint.user = "app";
  users.app.home = "/srv/app";
}).workingDirectory "/srv/app"
++ equal "all services" (entry (two // { entrypoint.services = true; })).services [
  "a"
  "b"
]
++ equal "some services" (entry (two // { entrypoint.services = [ "b" ]; })).services [ "b" ]
++ equal "its own services" (entry (two // { entrypoint.services.c.command = [ "/c" ]; })).services [ "c" ]
++ equal "a service's numbers are text" (told (
  shell
  // {
    services.db = {
      command = [ "/db" ];
      env.PORT = 5432;
    };
  }
)).services.db.env { PORT = "5432"; }
++ equal "no shell in a sealed image" (told command).shell null
++ equal "a shell beside a program" (told (command // { dev = true; })).shell [
  "/bin/bash"
  "-l"
]
++ equal "the image's variables win, numbers are text" {
  inherit
    ((told (
      shell
      // {
        env = {
          EDITOR = "ed";
          N = 3;
        };
      }
    )).env
    )
    EDITOR
    N
    ;
} {
  EDITOR = "ed";
  N = "3";
}
++ equal "homes are made for users" (told (shell // { users.app = { }; })).directories [
  {
    path = "/home/app";
    user = "app";
    mode = "0700";
  }
]
++ equal "free numbers go round the fixed ones" (passwd (
  shell
  // {
    users = {
      a = { };
      b = { };
    };
    uids = {
      db = 1000;
      b = 70;
    };
  }
)) (
  "root:*:0:0:root:/root:/bin/bash\na:*:1001:1001::/home/a:/bin/sh\napp:*:900:900::/var/lib/app:/bin/false\nb:*:70:70::/home/b:/bin/sh\n"
  + "db:*:1000:1000::/var/lib/db:/bin/false\nnobody:*:65534:65534:nobody:/nonexistent:/bin/false\n"
)
++ equal "the entrypoint's number is that of app" (runsAs (command // { uids.entrypoint = 1234; })) "app 1234"
++ equal "0 is root" (runsAs (command // { uids.entrypoint = 0; dev = true; })) "root 0"
++ equal "or that of who has it" (runsAs (
  command
  // {
    uids = {
      entrypoint = 1000;
      agent = 990;
    };
    users.web.uid = 1000;
  }
)) "web 1000"
++ equal "or by uids" (runsAs (
  command
  // {
    uids = {
      entrypoint = 901;
      web = 901;
    };
  }
)) "web 901"
++ equal "a user of its own, where app has another" (runsAs (
  command
  // {
    uids = {
      entrypoint = 1000;
      app = 901;
    };
  }
)) "entrypoint 1000"
++ equal "a user called entrypoint is that user" (runsAs (
  command
  // {
    uids.entrypoint = 1000;
    users.entrypoint.home = "/srv";
  }
)) "entrypoint 1000"
++ equal "a shell, too" (runsAs (shell // { uids.entrypoint = 1000; })) "app 1000"
++ equal "the agent's number makes no user" (passwd (command // { uids.agent = 990; })) (passwd command)
++ equal "unless one is so called" (builtins.match ".*\nagent:\\*:990:.*" (passwd (
  command
  // {
    uids.agent = 990;
    users.agent = { };
  }
))) [ ]
++ equal "services alone are the entrypoint" (entry two) (entry (two // { entrypoint.services = true; }))
++ equal "one command is what the shell becomes" (map (line: builtins.elemAt (run line) 2) [
  "/web"
  "  /web --port 80\n"
  "python3 -m http.server >log 2>err"
  "bash -c 'while true; do echo x; done'"
  "/web \"a; b\" a\\;b"
]) [
  "exec /web"
  "exec /web --port 80"
  "exec python3 -m http.server >log 2>err"
  "exec bash -c 'while true; do echo x; done'"
  "exec /web \"a; b\" a\\;b"
]
++ (
  let
    more = [
      "a; b"
      "a && b"
      "a | b"
      "a &"
      "PORT=1 a"
      "cd /x"
      "exec a"
      "if a"
      "(a)"
      "! a"
      "a\nb"
      "a 'b"
      "a # b"
    ];
  in
  equal "more than one is as it was written" (map run more) (map (line: [ "/bin/sh" "-c" line ]) more)
)
++ equal "a line's preset is that of its program" (
  let
    s = (told (shell // { services.postgres.command = "/pg/bin/postgres -D /srv/pg -k /tmp"; })).services.postgres;
  in
  [
    s.init.creates
    (builtins.elemAt s.command 2)
    s.ready.command
  ]
) [
  "/srv/pg/PG_VERSION"
  "exec /pg/bin/postgres -D /srv/pg -k /tmp"
  [ "/pg/bin/pg_isready" "-q" "-h" "/tmp" "-p" "5432" ]
]
++ equal "checks by the original's names" (told (
  shell
  // {
    healthChecks.web = {
      healthCmd = "true";
      healthIntervalSecs = 7;
    };
  }
)).healthChecks.web {
  command = [ "/bin/sh" "-c" "exec true" ];
  port = null;
  interval = 7;
  timeout = 10;
  retries = 3;
}
++ equal "volumes by either name" (told (
  command
  // {
    volumes = [ "/srv" ];
    volumeMounts = {
      "/srv".volume = "a";
      "/data".volume = "b";
    };
  }
)).volumes [ "/srv" "/data" ]
++ (
  let
    files = (of (
      shell
      // {
        extraFiles = {
          "/a" = "/etc/hosts";
          "/b".content = "x";
          "/c" = "${./guest.nix}";
          "/d" = "${./guest.nix}\nis a text";
          "/e".source = { outPath = "${./guest.nix}"; };
          "/f" = "/nix/store is where packages are";
        };
      }
    ));
  in
  equal "texts, and files of the store" [ files.sources (removeAttrs files.texts (builtins.attrNames (of shell).texts)) ] [
    {
      "/c" = "${./guest.nix}";
      "/e" = "${./guest.nix}";
    }
    {
      "/a" = "/etc/hosts";
      "/b" = "x";
      "/d" = "${./guest.nix}\nis a text";
      "/f" = "/nix/store is where packages are";
    }
  ]
)
++ equal "names that the store can have" (map (import ../lib/schema/store.nix).storeName [
  "app.conf"
  "my file.txt"
  "grün.txt"
  ".hidden"
  "ü"
]) [
  "app.conf"
  "my-file.txt"
  "gr-n.txt"
  "_.hidden"
  "-"
]
++ (
  let
    named = "${./guest.nix}";
    brings = more: builtins.hasAttr (unsafeDiscardStringContext named) (builtins.getContext (of (shell // more)).guestConfig);
  in
  equal "what a line names is in the image" (map brings [
    { services.a.command = "${named} --port 80"; }
    { services.a.command = " ${named}; true "; }
    { services.a = { command = "x"; preStart = named; }; }
    { healthChecks.a.healthCmd = named; }
    { }
  ]) [ true true true true false ]
)
