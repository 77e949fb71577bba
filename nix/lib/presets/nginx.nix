# nginx as a user of its own: its folders of compiled-in names are that user's.
{
  names = [ "nginx" ];
  user = {
    name = "nginx";
    uid = 74;
    home = "/var/lib/nginx";
  };
  doc =
    "Owns `/var/lib/nginx`, `/var/log/nginx`, `/var/cache/nginx` and `/run/nginx`. Its configuration needs `daemon off;`. Ready "
    + "when `port` answers, if that is declared. Stops with QUIT, once open requests are answered.";
  fields =
    { port ? null, ... }:
    {
      directories = [
        { path = "/var/cache/nginx"; }
        { path = "/var/lib/nginx"; }
        {
          path = "/var/log/nginx";
          mode = "0755";
        }
        {
          path = "/run/nginx";
          mode = "0755";
        }
      ];
      # Only its configuration knows where it listens.
      ready = if port == null then null else { inherit port; };
      # Ends when the requests under way are answered.
      stopSignal = "QUIT";
    };
}
