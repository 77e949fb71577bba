# mkStaticSite { name; src; port; }: the files of a folder, served by busybox.
{ pkgs, service }:
args:
let
  a = service.read "mkStaticSite" (service.table // { port = service.table.port // { default = 8080; }; }) args;
in
service.make a (src: [
  "${pkgs.busybox}/bin/busybox"
  "httpd"
  "-f"
  "-p"
  (toString a.port)
  "-h"
  src
])
