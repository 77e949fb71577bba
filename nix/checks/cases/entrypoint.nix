# Wrong values of entrypoint, and what their errors must say.
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
  "no entrypoint" = {
    args.name = "a";
    says = [
      "`entrypoint` is missing"
      "shell = \"/bin/bash\""
    ];
  };
  "two forms" = {
    args = with' {
      entrypoint = {
        shell = "/bin/sh";
        command = [ "/x" ];
      };
    };
    says = [
      "`entrypoint.shell` and `entrypoint.command` are both given"
      "exactly one"
    ];
  };
  "no form" = {
    args = with' { entrypoint.user = "root"; };
    says = [
      "`entrypoint` has none of the forms"
      "entrypoint.command = ["
    ];
  };
  "an entrypoint that is a string" = {
    args = with' { entrypoint = "/bin/bash"; };
    says = [
      "`entrypoint` must be an attribute set"
      "entrypoint.shell ="
    ];
  };
  "a shell without a path" = {
    args = with' { entrypoint.shell = "zsh"; };
    says = [ "shell = \"/bin/zsh\";" ];
  };
  "a shell that is a list" = {
    args = with' {
      entrypoint.shell = [
        "/bin/sh"
        "-i"
      ];
    };
    says = [
      "`entrypoint.shell` must be the absolute path"
      "a list"
    ];
  };
  "an entrypoint command that is a string" = {
    args = with' { entrypoint.command = "/usr/bin/serve --debug"; };
    says = [ "command = [ \"/usr/bin/serve\" \"--debug\" ];" ];
  };
  "an empty command" = {
    args = with' { entrypoint.command = [ ]; };
    says = [
      "`entrypoint.command` must be a list"
      "it is empty"
    ];
  };
  "an unknown form" = {
    args = with' { entrypoint.shel = "/bin/sh"; };
    says = [
      "no field `entrypoint.shel`"
      "Did you mean `shell`?"
    ];
  };
  "entrypoint services that are not declared" = {
    args = (web { }) // {
      entrypoint.services = [ "wbe" ];
    };
    says = [
      "`entrypoint.services` names the service \"wbe\""
      "Did you mean \"web\"?"
    ];
  };
  "all services of none" = {
    args = with' { entrypoint.services = true; };
    says = [ "`services` declares none" ];
  };
  "a service twice" = {
    args = (web { }) // {
      entrypoint.services.web.command = [ "/other" ];
    };
    says = [ "\"web\" is both in" ];
  };
  "an entrypoint's user who is not there" = {
    args = with' {
      entrypoint = {
        shell = "/bin/sh";
        user = "web";
      };
    };
    says = [ "`entrypoint.user` names the user \"web\"" ];
  };
  "a user of services" = {
    args = (web { }) // {
      entrypoint = {
        services = true;
        user = "app";
      };
    };
    says = [
      "`entrypoint.user` is for a shell or a command"
      "services.web.user = \"app\";"
    ];
  };
  "a stop signal with its SIG" = {
    args = with' {
      entrypoint = {
        command = [ "/x" ];
        stopSignal = "SIGINT";
      };
    };
    says = [ "`entrypoint.stopSignal` must be the name of a signal without SIG" ];
  };
}
