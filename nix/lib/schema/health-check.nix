# healthChecks.<name>: is what runs in the VM well?
let
  inherit (builtins) filter hasAttr length;
  types = import ./types.nix;
  record = import ./record.nix;
  command = import ./command.nix;
  seconds = types.between 1 86400;

  table = {
    command = {
      type = types.nullOr command;
      default = null;
      aliases = [ "cmd" "script" ];
      example = "[ \"pg_isready\" ]";
      doc = "Well when it exits with status 0; or else give `port`.";
    };
    port = {
      type = types.nullOr (types.between 1 65535);
      default = null;
      example = "8080";
      doc = "Well when this TCP port accepts a connection.";
    };
    interval = {
      type = seconds;
      default = 30;
      example = "30";
      doc = "Seconds between two checks.";
    };
    timeout = {
      type = seconds;
      default = 5;
      example = "5";
      doc = "Seconds after which a check has failed.";
    };
    retries = {
      type = types.between 1 100;
      default = 3;
      example = "3";
      doc = "Failures in a row that make it unhealthy.";
    };
  };
  form = "an attribute set such as { port = 8080; }";
in
{
  inherit table;
  all = types.attrsOf "an attribute set of health checks" {
    pattern = "[A-Za-z0-9][A-Za-z0-9_.-]{0,62}";
    form = "a name of letters, digits, '-', '_' and '.'";
  } {
    inherit form;
    problem =
      where: value:
      let
        found = record.problem {
          inherit table form;
          noun = "field";
        } where value;
        given = filter (f: hasAttr f value && value.${f} != null) [
          "command"
          "port"
        ];
      in
      if found != null then
        found
      else if length given != 1 then
        {
          text = "`${where}` must have exactly one of `command` and `port`.";
          example = "port = ${table.port.example};";
        }
      else
        null;
  };
}
