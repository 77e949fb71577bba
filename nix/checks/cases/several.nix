# Several mistakes: all are reported at once, always in the same order, and none that only follows from another.
let
  line = name: args: toString (builtins.unsafeGetAttrPos name args).line;
  three = {
    name = "a";
    entrypoint.shell = "/bin/sh";
    vcpu = 2;
    memory_mib = "1G";
    packags = [ ];
  };
in
{
  "names and a value" = {
    args = three;
    count = 3;
    says = [ ];
    all = [
      "mkGuest (a): 3 mistakes in its arguments:"
      "- there is no argument `packags`. Did you mean `packages`? Write for example: packages = with pkgs; [ git jq ]; (nix/checks/cases/several.nix:${line "packags" three})"
      "- there is no argument `vcpu`. Did you mean `vcpus`? Write for example: vcpus = 2; (nix/checks/cases/several.nix:${line "vcpu" three})"
      "- `memory_mib` must be a whole number from 64 to 1048576; it is a string (\"1G\"). Write for example: memory_mib = 1024; (nix/checks/cases/several.nix:${line "memory_mib" three})"
    ];
  };
  "of one service" = {
    args = {
      name = "a";
      services.web = {
        restart = "never";
        port = 0;
        after = [
          "db"
          "cache"
        ];
        user = "nosuch";
      };
    };
    count = 6;
    says = [
      "`services.web.command` is missing"
      "`services.web.port` must be"
      "`services.web.restart` must be one of"
      "names the service \"db\""
      "names the service \"cache\""
      "names the user \"nosuch\""
    ];
  };
  "of a list and of several files" = {
    args = {
      name = "a b";
      entrypoint = {
        shell = "/bin/sh";
        usr = "root";
      };
      ports = [
        0
        80
        99999
        80
      ];
      extraFiles = {
        "etc/a" = "x";
        "/run/b" = "x";
        "/etc/c".mode = "0644";
        "/etc/d" = 5;
      };
    };
    count = 9;
    says = [
      "`name` must be"
      "`entrypoint.usr`"
      "`ports[0]`"
      "`ports[2]`"
      "`ports` has 80 twice"
      "\"etc/a\" is not an absolute path"
      "`extraFiles.\"/run/b\"`: nothing"
      "`extraFiles.\"/etc/c\"` must have one of"
      "`extraFiles.\"/etc/d\"` must be the file's text"
    ];
  };
  "a misspelt argument is not missing, too" = {
    args = {
      name = "a";
      entrypont.shell = "/bin/sh";
    };
    says = [ "Did you mean `entrypoint`?" ];
  };
  "nor is what it declares unknown" = {
    args = {
      name = "a";
      servces.web.command = "/web";
      entrypoint.services = [ "web" ];
    };
    says = [ "Did you mean `services`?" ];
  };
  "nor what a field of it declares" = {
    args = {
      name = "a";
      entrypoint.comand = [ "/x" ];
    };
    says = [ "Did you mean `command`?" ];
  };
  "nor is a field of a service" = {
    args = {
      name = "a";
      entrypoint.shell = "/bin/sh";
      services.web.comand = "/web";
    };
    says = [ "Did you mean `command`?" ];
  };
  "two users, two circles" = {
    args = {
      name = "a";
      entrypoint.shell = "/bin/sh";
      users.a.uid = 1000;
      users.b.uid = 1000;
      uids.a = 1001;
      services = {
        x = {
          command = "/x";
          after = [ "x" ];
        };
        y = {
          command = "/y";
          user = "c";
        };
      };
    };
    count = 4;
    says = [
      "`after`: x → x"
      "two users have the number 1000"
      "the user \"a\" has one number"
      "names the user \"c\""
    ];
  };
}
