# services.<name>: one supervised process.
let
  types = import ./types.nix;
  record = import ./record.nix;
  command = (import ./command.nix).orLine;
  env = import ./env.nix;
  names = types.listOf "a list of names of services" types.text;
  seconds = types.between 1 86400;
  presets = import ../presets;

  # A field that is an attribute set of its own. `fields` is its table.
  nested = form: fields: {
    inherit form;
    problems = record.problems {
      inherit form;
      table = fields;
      noun = "field";
    };
    read = record.read fields;
  };

  readyTable = {
    command = {
      type = command;
      default = null;
      example = "[ \"pg_isready\" ]";
      doc = "Ready when this exits with status 0.";
    };
    port = {
      type = types.between 1 65535;
      default = null;
      example = "5432";
      doc = "Ready when this TCP port accepts a connection.";
    };
    file = {
      type = types.absolutePath;
      default = null;
      example = "\"/run/app/ready\"";
      doc = "Ready when this file exists.";
    };
    timeout = {
      type = seconds;
      default = 60;
      example = "60";
      doc = "Seconds after which the start counts as failed.";
    };
  };

  initTable = {
    command = {
      type = command;
      example = "[ \"/usr/bin/app\" \"init\" ]";
      doc = "The program and its arguments; runs as the service's user.";
    };
    creates = {
      type = types.absolutePath;
      example = "\"/var/lib/app/ready\"";
      doc = "A path that exists once it has run; it runs only if this is missing.";
    };
  };
  directoryTable = {
    path = {
      type = types.absolutePath;
      example = "\"/var/lib/app\"";
      doc = "Its path.";
    };
    mode = {
      type = types.matching "four octal digits" "0[0-7]{3}";
      default = "0700";
      aliases = [ "permissions" ];
      example = "\"0755\"";
      doc = "Its permissions.";
    };
  };
  directory = types.either "a path or an attribute set such as { path = \"/var/lib/app\"; mode = \"0755\"; }" [
    {
      test = builtins.isString;
      type = types.absolutePath;
    }
    {
      test = builtins.isAttrs;
      type = nested "an attribute set with `path` and `mode`" directoryTable;
    }
  ];
  logTable = {
    max_mib = {
      type = types.between 1 1024;
      default = 2;
      example = "4";
      doc = "How much of its newest output to keep, in MiB.";
    };
  };

  table = {
    command = {
      type = command;
      aliases = [
        "cmd"
        "exec"
        "execStart"
        "script"
        "argv"
      ];
      example = "[ \"\${pkgs.redis}/bin/redis-server\" ]";
      doc = "The program and its arguments.";
    };
    restart = {
      type = types.oneOf [
        "always"
        "on-failure"
        "no"
      ];
      default = "always";
      example = "\"always\"";
      doc = "When to start it again after it has ended.";
    };
    preset = {
      type = types.nullOr (types.oneOf ([ "auto" ] ++ presets.names));
      default = "auto";
      example = "\"redis\"";
      doc = "The preset whose defaults it takes; see below. \"auto\": the one for the service's name. null: none.";
    };
    env = {
      type = env;
      default = { };
      aliases = [ "environment" ];
      example = "{ PGDATA = \"/var/lib/postgresql/data\"; }";
      doc = "Environment variables, added to the image's `env`.";
    };
    user = {
      type = types.nullOr types.text;
      default = null;
      example = "\"postgres\"";
      doc = "The user that runs it: `root` or a name in `users` or `uids`. null: the preset's, else `app`.";
    };
    workingDirectory = {
      type = types.nullOr types.absolutePath;
      default = null;
      aliases = [
        "cwd"
        "workdir"
      ];
      example = "\"/var/lib/app\"";
      doc = "Its working directory. null: the user's home.";
    };
    preStart = {
      type = types.nullOr command;
      default = null;
      example = "[ \"/usr/bin/migrate\" ]";
      doc = "A command that runs before each start, and must end first; runs as the service's user.";
    };
    init = {
      type = types.nullOr (nested "an attribute set with `command` and `creates`" initTable);
      default = null;
      example = "{ command = [ \"/usr/bin/app\" \"init\" ]; creates = \"/var/lib/app/ready\"; }";
      doc = "Runs once, before the first start.";
    };
    directories = {
      type = types.listOf "a list of folders" directory;
      default = [ ];
      aliases = [
        "dirs"
        "stateDirectory"
      ];
      example = "[ \"/var/lib/app\" ]";
      doc = "Folders that are created before each start and belong to its user.";
    };
    after = {
      type = names;
      default = [ ];
      aliases = [
        "dependsOn"
        "depends_on"
        "requires"
      ];
      example = "[ \"postgres\" ]";
      doc = "Services that must be ready before this one starts.";
    };
    ready = {
      type = types.nullOr (nested "an attribute set with one of `command`, `port` and `file`" readyTable);
      default = null;
      example = "{ port = 6379; }";
      doc = "How to tell that it is ready. null: it is ready as soon as it runs.";
    };
    port = {
      type = types.nullOr (types.between 1 65535);
      default = null;
      example = "6379";
      doc = "The TCP port that it listens on.";
    };
    stopSignal = {
      type = types.matching "the name of a signal without SIG" "TERM|INT|QUIT|HUP|KILL|USR1|USR2|WINCH";
      default = "TERM";
      example = "\"INT\"";
      doc = "The signal that asks it to stop.";
    };
    stopTimeout = {
      type = seconds;
      default = 10;
      example = "30";
      doc = "Seconds between that signal and KILL.";
    };
    log = {
      type = nested "an attribute set with `max_mib`" logTable;
      default = { };
      aliases = [
        "logs"
        "logging"
      ];
      example = "{ max_mib = 4; }";
      doc = "How much of its output to keep.";
    };
  };
  checks = "write `healthChecks.<name of the service>`.";
  refused = {
    healthCheck = checks;
    healthChecks = checks;
    healthCmd = checks;
    logFile = "the VM keeps its output: `mvmctl logs NAME`. To have a file as well, let the command write it.";
    serviceGroup = "write `user`.";
  };
  form = "an attribute set such as { command = [ \"/usr/bin/serve\" ]; }";
in
rec {
  inherit
    table
    readyTable
    initTable
    directoryTable
    logTable
    ;
  one = {
    inherit form;
    problems =
      where: value:
      if builtins.isList value || builtins.isString value then
        types.wrong form where value
      else
        record.problems {
          inherit table form refused;
          noun = "field";
        } where value;
    read = record.read table;
  };
  all = types.attrsOf "an attribute set of services" {
    pattern = "[A-Za-z0-9][A-Za-z0-9_.-]{0,62}";
    form = "a name of letters, digits, '-', '_' and '.'";
  } one;
}
