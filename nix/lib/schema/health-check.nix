# healthChecks.<name>: is what runs in the VM well?
let
  inherit (builtins) filter hasAttr length;
  types = import ./types.nix;
  record = import ./record.nix;
  command = (import ./command.nix).orLine;
  seconds = types.between 1 86400;

  table = {
    command = {
      type = types.nullOr command;
      default = null;
      also = [ "healthCmd" ];
      aliases = [ "cmd" "script" ];
      example = "[ \"pg_isready\" ]";
      doc = "Healthy if it exits with status 0. Give either this or `port`.";
    };
    port = {
      type = types.nullOr (types.between 1 65535);
      default = null;
      example = "8080";
      doc = "Healthy if this TCP port accepts a connection.";
    };
    interval = {
      type = seconds;
      also = [ "healthIntervalSecs" ];
      default = 30;
      example = "30";
      doc = "Seconds between two checks.";
    };
    timeout = {
      type = seconds;
      also = [ "healthTimeoutSecs" ];
      default = 5;
      example = "5";
      doc = "Seconds after which a check has failed; 10 if `healthCmd` is given.";
    };
    retries = {
      type = types.between 1 100;
      default = 3;
      example = "3";
      doc = "Failures in a row that make it unhealthy.";
    };
  };
  refused.startupGraceSecs = "say when the service is ready (`services.<name>.ready`), or raise `retries`.";
  form = "an attribute set such as { port = 8080; }";
in
{
  inherit table;
  all = types.attrsOf "an attribute set of health checks" {
    pattern = "[A-Za-z0-9][A-Za-z0-9_.-]{0,62}";
    form = "a name of letters, digits, '-', '_' and '.'";
  } {
    inherit form;
    problems =
      where: value:
      let
        found = record.problems {
          inherit table form refused;
          noun = "field";
        } where value;
        given = filter (f: hasAttr f value && value.${f} != null) [
          "command"
          "healthCmd"
          "port"
        ];
      in
      # What the names mean is open until all of them are known.
      if found != [ ] || length given == 1 then
        found
      else
        [
          {
            text = "`${where}` must have exactly one of `command` and `port`.";
            example = "port = ${table.port.example};";
          }
        ];
    # The original's own time for what is written for it.
    read =
      value:
      let
        patient = value ? healthCmd && !(value ? timeout || value ? healthTimeoutSecs);
      in
      record.read table ((if patient then { timeout = 10; } else { }) // value);
  };
}
