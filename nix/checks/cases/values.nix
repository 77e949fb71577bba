# Wrong values of the other arguments, and what their errors must say.
let
  shell = {
    name = "a";
    entrypoint.shell = "/bin/bash";
  };
  with' = more: shell // more;
  service = fields: with' { services.web = fields; };
  web = fields: service ({ command = [ "/web" ]; } // fields);
in
{
  "no arguments but a string" = {
    args = "a";
    says = [
      "the argument must be an attribute set"
      "mkGuest { name"
    ];
  };
  "no name" = {
    args.entrypoint.shell = "/bin/sh";
    says = [
      "`name` is missing"
      "name = \"my-app\";"
    ];
  };
  "a name with a slash" = {
    args = with' { name = "a/b"; };
    says = [
      "`name` must be a name"
      "\"a/b\""
    ];
  };
  "an unknown argument" = {
    args = with' { packges = [ ]; };
    says = [
      "no argument `packges`"
      "Did you mean `packages`?"
      "packages = with pkgs;"
    ];
  };
  "the name of another tool" = {
    args = with' { memory = 512; };
    says = [ "Did you mean `memory_mib`?" ];
  };
  "an argument like no other" = {
    args = with' { zzzzzz = 1; };
    says = [
      "no argument `zzzzzz`"
      "vcpus"
    ];
  };
  "vcpus that are a string" = {
    args = with' { vcpus = "2"; };
    says = [
      "`vcpus` must be a whole number from 1 to 256"
      "a string (\"2\")"
      "vcpus = 2;"
    ];
  };
  "no vcpus" = {
    args = with' { vcpus = 0; };
    says = [ "a number (0)" ];
  };
  "memory with a fraction" = {
    args = with' { memory_mib = 1.5; };
    says = [ "`memory_mib` must be a whole number" ];
  };
  "dev that is a string" = {
    args = with' { dev = "true"; };
    says = [ "`dev` must be true or false; it is a string" ];
  };
  "packages that are one" = {
    args = with' { packages = "git"; };
    says = [ "`packages` must be a list of packages" ];
  };
  "a package that is a name" = {
    args = with' { packages = [ "git" ]; };
    says = [
      "`packages[0]` must be a package"
      "packages = with pkgs; [ git ];"
    ];
  };
  "a package that is null" = {
    args = with' { packages = [ null ]; };
    says = [ "`packages[0]` must be a package; it is null" ];
  };
  "a host name with a dot" = {
    args = with' { hostname = "a.b"; };
    says = [ "`hostname` must be a host name" ];
  };
  "a variable that is a list" = {
    args = with' { env.PATH = [ "/bin" ]; };
    says = [ "`env.PATH` must be a string or a number" ];
  };
  "a variable with a dash" = {
    args = with' { env."MY-VAR" = "1"; };
    says = [ "\"MY-VAR\" is not a name of letters" ];
  };
  "a user who is not there" = {
    args = (web { user = "wbe"; }) // {
      users.web = { };
    };
    says = [
      "`services.web.user` names the user \"wbe\""
      "Did you mean \"web\"?"
    ];
  };
  "two users of one number" = {
    args = with' {
      uids = {
        a = 900;
        b = 900;
      };
    };
    says = [ "two users have the number 900" ];
  };
  "a user of two numbers" = {
    args = with' {
      users.a.uid = 1000;
      uids.a = 900;
    };
    says = [ "the user \"a\" has one number in `users` and another in `uids`" ];
  };
  "a user with a capital" = {
    args = with' { users.App = { }; };
    says = [ "\"App\" is not a user name" ];
  };
  "root's number" = {
    args = with' { uids.app = 0; };
    says = [ "`uids.app` must be a whole number from 1" ];
  };
  "a file without a path" = {
    args = with' { extraFiles."etc/x" = "x"; };
    says = [ "\"etc/x\" is not an absolute path" ];
  };
  "a file outside the tree" = {
    args = with' { extraFiles."/etc/../x" = "x"; };
    says = [ "is not an absolute path" ];
  };
  "a file below a mount" = {
    args = with' { extraFiles."/run/app/x" = "x"; };
    says = [ "nothing in that folder would be visible" ];
  };
  "a file in a link to a mount" = {
    args = with' { extraFiles."/var/run/x" = "x"; };
    says = [ "nothing in that folder would be visible" ];
  };
  "a file of two contents" = {
    args = with' {
      extraFiles."/x" = {
        text = "x";
        source = ./values.nix;
      };
    };
    says = [ "one of `text` and `source`" ];
  };
  "a mode that is a number" = {
    args = with' {
      extraFiles."/x" = {
        text = "x";
        mode = 755;
      };
    };
    says = [
      "`extraFiles.\"/x\".mode` must be four octal digits"
      "mode = \"0755\";"
    ];
  };
  "a port out of range" = {
    args = with' { ports = [ 70000 ]; };
    says = [ "`ports[0]` must be a whole number from 1 to 65535" ];
  };
  "a port twice" = {
    args = with' {
      ports = [
        80
        80
      ];
    };
    says = [ "`ports` has 80 twice" ];
  };
  "a health check of nothing" = {
    args = with' { healthChecks.web.interval = 5; };
    says = [ "`healthChecks.web` must have exactly one of `command` and `port`" ];
  };
  "a kernel that is a number" = {
    args = with' { kernel = 6; };
    says = [ "`kernel` must be a package; it is a number (6)" ];
  };
  "a volume that is relative" = {
    args = with' { volumes = [ "var/lib/app" ]; };
    says = [
      "`volumes[0]` must be an absolute path"
      "volumes = [ \"/"
    ];
  };
  "a volume in a mount" = {
    args = with' { volumes = [ "/run/app" ]; };
    says = [ "`volumes` has \"/run/app\", which can't be kept" ];
  };
  "a volume twice" = {
    args = with' {
      volumes = [
        "/srv"
        "/srv"
      ];
    };
    says = [ "`volumes` has \"/srv\" twice" ];
  };
  "a volume in another" = {
    args = with' {
      volumes = [
        "/srv/a"
        "/srv"
      ];
    };
    says = [ "`volumes` has \"/srv/a\", which is already inside \"/srv\"" ];
  };
  "all of the root as a volume" = {
    args = with' { volumes = [ "/" ]; };
    says = [ "`volumes[0]` must be an absolute path such as" ];
  };
}
