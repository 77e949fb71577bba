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
  "a command that is a string" = {
    args = service { command = "redis-server --port 6379"; };
    says = [
      "`services.web.command` must be a list"
      "command = [ \"redis-server\" \"--port\" \"6379\" ];"
    ];
  };
  "a command line for a shell" = {
    args = service { command = "serve | tee log"; };
    says = [ "command = [ \"/bin/sh\" \"-c\" \"serve | tee log\" ];" ];
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
}
