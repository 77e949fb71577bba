# The library's own test fixture: the smallest image with a shell. Users call mkGuest themselves.
{ mkGuest }:
mkGuest {
  name = "minimal";
  entrypoint.shell = "/bin/sh";
}
