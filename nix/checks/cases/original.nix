# What flakes written for the original have and this library refuses, and what it must say instead.
let
  shell = {
    name = "a";
    entrypoint.shell = "/bin/bash";
  };
  with' = more: shell // more;
  service = fields: with' { services.web = { command = "/web"; } // fields; };
  check = fields: with' { healthChecks.web = fields; };
in
{
  "no entrypoint, and services that are none" = {
    args = {
      name = "a";
      services = { };
    };
    says = [ "there is no `entrypoint`, but `services` declares none" ];
  };
  "a kernel from nixpkgs" = {
    args = with' {
      kernel = {
        type = "derivation";
        name = "linux-6.12";
        modDirVersion = "6.12.1";
      };
    };
    says = [ "`kernel` must be a folder with `kernel`, `modules.cpio` and `kernel.json`; it is a kernel from nixpkgs" ];
  };
  "a folder that is no kernel" = {
    args = with' { kernel = ./.; };
    says = [ "cases has no kernel.json" ];
  };
  "a backend that is no name" = {
    args = with' { hypervisor = "Cloud Hypervisor"; };
    says = [ "`hypervisor` must be the name of a backend" ];
  };
  "a log file" = {
    args = service { logFile = "/var/log/web.log"; };
    says = [
      "`services.web.logFile` is not supported: "
      "mvmctl logs"
    ];
  };
  "a check inside of a service" = {
    args = service { healthCmd = "true"; };
    says = [
      "`services.web.healthCmd` is not supported"
      "healthChecks.<name of the service>"
    ];
  };
  "a grace for starting" = {
    args = check {
      healthCmd = "true";
      startupGraceSecs = 60;
    };
    says = [
      "`healthChecks.web.startupGraceSecs` is not supported: "
      "services.<name>.ready"
    ];
  };
  "two names of one field" = {
    args = check {
      healthCmd = "true";
      command = [ "true" ];
    };
    says = [ "`healthChecks.web.command` and `healthChecks.web.healthCmd` are the same; give one of them." ];
  };
  "a line and a port" = {
    args = check {
      healthCmd = "true";
      port = 80;
    };
    says = [ "`healthChecks.web` must have exactly one of `command` and `port`." ];
  };
  "seconds that are a string" = {
    args = check {
      healthCmd = "true";
      healthIntervalSecs = "30s";
    };
    says = [ "`healthChecks.web.healthIntervalSecs` must be a whole number from 1 to 86400; it is a string (\"30s\")" ];
  };
  "text and content" = {
    args = with' {
      extraFiles."/x" = {
        text = "x";
        content = "x";
      };
    };
    says = [ "`extraFiles.\"/x\".text` and `extraFiles.\"/x\".content` are the same; give one of them." ];
  };
  "content and source" = {
    args = with' {
      extraFiles."/x" = {
        content = "x";
        source = ./.;
      };
    };
    says = [ "must have one of `text` and `source`" ];
  };
  "a file of the builder's" = {
    args = with' { extraFiles."/x".source = "/etc/hosts"; };
    says = [
      "`extraFiles.\"/x\".source` must be a path, a package or a flake; it is a string (\"/etc/hosts\")"
      "source = ./app.conf;"
    ];
  };
  "a user's group" = {
    args = with' { users.web.group = "staff"; };
    says = [
      "`users.web.group` is not supported: "
      "`groups`"
    ];
  };
  "the entrypoint's number twice" = {
    args = {
      name = "a";
      entrypoint = {
        command = [ "/x" ];
        user = "web";
      };
      uids = {
        entrypoint = 1000;
        web = 900;
      };
    };
    says = [ "`uids.entrypoint` and `entrypoint.user` name two users" ];
  };
  "root's number for services" = {
    args = {
      name = "a";
      services.web.command = "/web";
      uids.entrypoint = 0;
    };
    says = [
      "`uids.entrypoint` is root's number, but the entrypoint is services"
      "services.web.user = \"root\";"
    ];
  };
  "a role that is no number" = {
    args = with' { uids.entrypoint = "app"; };
    says = [ "`uids.entrypoint` must be a whole number from 0 to 65533" ];
  };
  "a volume that is read-only" = {
    args = with' {
      volumeMounts."/srv/in" = {
        volume = "in";
        readOnly = true;
      };
    };
    says = [
      "`volumeMounts.\"/srv/in\"` is read-only"
      "extraFiles.\"/srv/data\".source = ./data;"
    ];
  };
  "a volume without its name" = {
    args = with' { volumeMounts."/srv/in" = { }; };
    says = [ "`volumeMounts.\"/srv/in\".volume` is missing" ];
  };
  "a mounted volume in a mount" = {
    args = with' { volumeMounts."/run/x".volume = "x"; };
    says = [ "`volumeMounts` has \"/run/x\", which can't be kept" ];
  };
  "a mounted volume in a volume" = {
    args = with' {
      volumes = [ "/srv" ];
      volumeMounts."/srv/in".volume = "in";
    };
    says = [ "`volumes` has \"/srv/in\", which is already inside \"/srv\"" ];
  };
  "volumes in a list" = {
    args = with' { volumeMounts = [ "/srv" ]; };
    says = [
      "`volumeMounts` must be "
      "volumeMounts = { \"/"
    ];
  };
}
// builtins.listToAttrs (
  map (name: {
    name = "the argument ${name}";
    value = {
      args = with' { ${name} = true; };
      says = [ "`${name}` is not supported: " ];
    };
  }) [
    "bakeAddonDns"
    "bootCommand"
    "builderUid"
    "cacert"
    "guestAgent"
    "role"
    "serviceGroup"
    "variant"
    "verifiedBoot"
    "withAuditProbe"
  ]
)
