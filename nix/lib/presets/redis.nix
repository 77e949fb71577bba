# Redis and Valkey. They keep their data where they are started.
{
  names = [
    "redis"
    "valkey"
  ];
  user = {
    name = "redis";
    uid = 72;
    home = "/var/lib/redis";
  };
  doc =
    "Data in the folder of `--dir`, else `/var/lib/redis`. Ready when it answers `ping`. 30 s to save and stop. Two of them in "
    + "one image need a `--dir` each.";
  fields =
    { command, ... }:
    let
      inherit (import ./argv.nix command)
        beside
        first
        hasFile
        option
        program
        toPort
        ;
      data = first [
        (option [ "--dir" ])
        "/var/lib/redis"
      ];
      asked = option [ "--port" ];
      # A configuration file may say anything.
      port = if asked != null then toPort asked else if hasFile then null else 6379;
      client = beside (if program == "valkey-server" then "valkey-cli" else "redis-cli");
    in
    {
      inherit port;
      workingDirectory = data;
      directories = [ { path = data; } ];
      # A port answers before the data is loaded; NOAUTH says that it is, and that a password is asked for.
      ready =
        if port == null then
          null
        else
          {
            command = [
              "/bin/sh"
              "-c"
              "\"$0\" -p \"$1\" ping 2>&1 | grep -q -e PONG -e NOAUTH"
              client
              (toString port)
            ];
          };
      # Saves before it ends.
      stopTimeout = 30;
    };
}
