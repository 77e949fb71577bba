# memcached. It refuses root.
{
  names = [ "memcached" ];
  user = {
    name = "memcached";
    uid = 75;
    home = "/var/lib/memcached";
  };
  doc =
    "Port from `-p`, else 11211. Ready when the port answers.";
  fields =
    { command, ... }:
    let
      inherit (import ./argv.nix command) first option toPort;
      socket = option [ "-s" "--unix-socket" ];
      port =
        if socket != null then
          null
        else
          first [
            (toPort (option [ "-p" "--port" ]))
            11211
          ];
    in
    {
      inherit port;
      ready = if socket != null then { file = socket; } else { inherit port; };
    };
}
