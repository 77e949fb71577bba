# Arguments that hold.
let
  shell = {
    name = "a";
    entrypoint.shell = "/bin/bash";
  };
in
{
  "only a shell" = shell;
  "all arguments" = shell // {
    entrypoint = {
      command = [
        "/usr/bin/serve"
        ./accepted.nix
      ];
      user = "app";
      workingDirectory = "/var/lib/app";
      stopSignal = "QUIT";
      stopTimeout = 60;
    };
    packages = [
      ./.
      {
        type = "derivation";
        name = "x";
      }
    ];
    services.web = {
      command = [ "/web" ];
      after = [ "db" ];
      ready.port = 80;
      user = "nobody";
      preset = null;
      log.max_mib = 4;
      directories = [
        "/var/lib/web"
        {
          path = "/run/web";
          mode = "0755";
        }
      ];
      init = {
        command = [ "/web" "init" ];
        creates = "/var/lib/web/made";
      };
    };
    services.cache = {
      command = [ "/cache" ];
      preset = "valkey";
      user = "redis";
    };
    services.db = {
      command = [ "/db" ];
      restart = "on-failure";
      env.PORT = 5432;
      preStart = [ "/init" ];
      stopSignal = "INT";
      stopTimeout = 30;
    };
    vcpus = 4;
    memory_mib = 2048;
    dev = false;
    hostname = "a-1";
    env = {
      A = "1";
      B = 2;
    };
    users.app = {
      home = "/var/lib/app";
      groups = [ "wheel" ];
    };
    uids = {
      app = 900;
      other = 901;
    };
    extraFiles = {
      "/etc/a" = "text";
      "/etc/.b/..c" = ./accepted.nix;
      "/etc/c" = {
        text = "x";
        mode = "0600";
      };
    };
    ports = [
      80
      443
    ];
    healthChecks.web.command = [ "/check" ];
    kernel = builtins.path { path = ./.; name = "kernel"; };
    volumes = [
      "/var/lib/app"
      "/var/lib/app2"
      "/srv"
    ];
  };
  "users that need no declaration" = {
    name = "a";
    entrypoint.command = [ "/serve" ];
    entrypoint.user = "postgres";
    services.postgres.command = [ "/bin/postgres" ];
    services.web = {
      command = [ "/web" ];
      user = "app";
    };
  };
  "services only" = {
    name = "a";
    services.web.command = [ "/web" ];
    entrypoint.services = [ "web" ];
  };
  "services in the entrypoint" = {
    name = "a";
    entrypoint.services.web.command = [ "/web" ];
  };
  "services and no entrypoint" = {
    name = "a";
    services.web.command = [ "/web" ];
  };
  "lines for a shell" = {
    name = "a";
    services.web = {
      command = "/web --port 80";
      preStart = "mkdir -p /tmp/web\n";
      ready.command = "test -e /tmp/ready";
      init = {
        command = "/web init";
        creates = "/var/lib/app/x";
      };
    };
  };
  "names of the original" = {
    name = "a";
    entrypoint.command = [ "/serve" ];
    hypervisor = "firecracker";
    healthChecks.web = {
      healthCmd = "curl -sf http://localhost:8080/ >/dev/null";
      healthIntervalSecs = 5;
      healthTimeoutSecs = 3;
    };
    uids = {
      agent = 0;
      entrypoint = 1000;
    };
    volumeMounts."/var/lib/app" = {
      volume = "data";
      readOnly = false;
    };
    volumes = [ "/var/lib/app" ];
    extraFiles."/etc/a" = {
      content = "x";
      mode = "0600";
    };
  };
  "roles that are users of the same name and number" = {
    name = "a";
    entrypoint = {
      command = [ "/serve" ];
      user = "web";
    };
    users.web.uid = 1000;
    users.agent.uid = 990;
    uids = {
      entrypoint = 1000;
      agent = 990;
    };
  };
  "whatever is a path" = {
    name = "a";
    entrypoint.command = [ "/serve" ];
    extraFiles = {
      "/srv/path".source = ./. + "/a name with spaces, and an ü";
      "/srv/flake" = {
        outPath = "/nix/store/00000000000000000000000000000000-source";
        inputs = { };
      };
      "/srv/input".source = {
        outPath = "/nix/store/00000000000000000000000000000000-source";
      };
      "/srv/output".source = {
        type = "derivation";
        name = "x";
        outPath = "/nix/store/00000000000000000000000000000000-x-dev";
      };
      "/srv/string" = "${./accepted.nix}";
      "/srv/set".source.__toString = _: "/nix/store/00000000000000000000000000000000-x";
    };
  };
}
