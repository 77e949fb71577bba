# Wrong values of services, and what their errors must say.
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
  "services that are a list" = {
    args = with' { services = [ "redis" ]; };
    says = [ "`services` must be an attribute set of services" ];
  };
  "a service that is a list" = {
    args = service [ "/web" ];
    says = [
      "`services.web` must be an attribute set"
      "command = ["
    ];
  };
  "a service without a command" = {
    args = service { restart = "no"; };
    says = [
      "`services.web.command` is missing"
      "command = ["
    ];
  };
  "a command that is nothing" = {
    args = service { command = " "; };
    says = [ "`services.web.command` must be a list: the program, then its arguments; or a line for /bin/sh" ];
  };
  "a number in a command" = {
    args = service {
      command = [
        "serve"
        8080
      ];
    };
    says = [
      "`services.web.command[1]` must be a string"
      "\"8080\""
    ];
  };
  "an unknown field of a service" = {
    args = web { restrat = "no"; };
    says = [
      "no field `services.web.restrat`"
      "Did you mean `restart`?"
    ];
  };
  "an unknown restart" = {
    args = web { restart = "allways"; };
    says = [ "one of \"always\", \"on-failure\", \"no\"" ];
  };
  "a service after one that is not there" = {
    args = web { after = [ "db" ]; };
    says = [ "`services.web.after` names the service \"db\"" ];
  };
  "a circle of services" = {
    args = with' {
      services = {
        a = {
          command = [ "/a" ];
          after = [ "b" ];
        };
        b = {
          command = [ "/b" ];
          after = [ "a" ];
        };
        c = {
          command = [ "/c" ];
          after = [ "a" ];
        };
      };
    };
    says = [ "a → b → a" ];
  };
  "a wrong readiness" = {
    args = web { ready = 80; };
    says = [ "`services.web.ready` must be" ];
  };
  "a preset like no other" = {
    args = web { preset = "postgre"; };
    says = [
      "`services.web.preset` must be one of \"auto\""
      "\"postgres\""
    ];
  };
  "the number of a user" = {
    args = web { user = "71"; };
    says = [ "`services.web.user` names the user \"71\"" ];
  };
  "a preset's user without the preset" = {
    args = with' {
      services.redis = {
        command = [ "/redis-server" ];
        preset = null;
        user = "redis";
      };
    };
    says = [ "`services.redis.user` names the user \"redis\", which is not declared" ];
  };
  "an initialisation of nothing" = {
    args = web { init.command = [ "/init" ]; };
    says = [
      "`services.web.init.creates` is missing"
      "creates = \"/"
    ];
  };
  "an initialisation that is a list" = {
    args = web { init = [ "/init" ]; };
    says = [ "`services.web.init` must be an attribute set with `command` and `creates`" ];
  };
  "a folder without a path" = {
    args = web { directories = [ { mode = "0755"; } ]; };
    says = [ "`services.web.directories[0].path` is missing" ];
  };
  "a folder that is relative" = {
    args = web { directories = [ "data" ]; };
    says = [ "`services.web.directories[0]` must be an absolute path" ];
  };
  "a log that is a number" = {
    args = web { log = 4; };
    says = [
      "`services.web.log` must be an attribute set with `max_mib`"
      "log = { max_mib = 4; };"
    ];
  };
  "a log of nothing" = {
    args = web { log.max_mib = 0; };
    says = [ "`services.web.log.max_mib` must be a whole number from 1 to 1024" ];
  };
}
