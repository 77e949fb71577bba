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
