# The environment of the entrypoint, of services and of what exec runs. `given` wins.
given:
{
  # All other folders of programs are links to /usr/bin.
  PATH = "/usr/local/sbin:/usr/local/bin:/usr/bin";
  LANG = "C.UTF-8";
  EDITOR = "vi";
  PAGER = "less";
  ENV = "/etc/shrc";
  SSL_CERT_FILE = "/etc/ssl/certs/ca-certificates.crt";
  # Programs of nixpkgs prefer this one.
  NIX_SSL_CERT_FILE = "/etc/ssl/certs/ca-certificates.crt";
}
// builtins.mapAttrs (_: toString) given
