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
    kernel = ./.;
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
}
