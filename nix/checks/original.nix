# The functions other than mkGuest: their results are valid arguments, and they refuse what they should.
{
  lib,
  pkgs,
  mkGuest,
  system,
}:
let
  inherit (builtins)
    attrNames
    fromJSON
    isString
    toJSON
    tryEval
    unsafeDiscardStringContext
    ;
  equal = what: a: b: if a == b then [ ] else [ "${what}: ${toJSON a}, not ${toJSON b}" ];
  refused = what: value: if (tryEval (builtins.deepSeq value value)).success then [ "${what}: was taken" ] else [ ];
  told =
    app:
    (fromJSON (
      unsafeDiscardStringContext
        (mkGuest {
          name = "m";
          packages = [ app.package ];
          services.web = app.service;
          healthChecks.web = app.healthCheck;
        }).root.guestConfig
    ));
  src = ./cases;
  python = {
    name = "api";
    inherit src;
    entrypoint = "app/main.py";
    port = 8080;
    env.WORKERS = 2;
  };
  node = {
    name = "app";
    inherit src;
    entrypoint = "dist/index.js";
    port = 3000;
  };
  site = {
    name = "docs";
    inherit src;
    port = 8081;
  };
  command = app: (told app).services.web.command;
  api = told (lib.mkPythonService python);
in
equal "Python" api.services.web.command [ "${pkgs.python3}/bin/python3" "-u" "${src}/app/main.py" ]
++ equal "is told its port" api.services.web.env { PORT = "8080"; WORKERS = "2"; }
++ equal "is asked there" api.healthChecks.web.port 8080
++ equal "is ready there" api.services.web.ready.port 8080
++ equal "is the entrypoint" api.entrypoint.services [ "web" ]
++ equal "Python with packages" (command (lib.mkPythonService (python // { pythonPackages = ps: [ ps.flask ]; }))) [
  "${pkgs.python3.withPackages (ps: [ ps.flask ])}/bin/python3"
  "-u"
  "${src}/app/main.py"
]
++ equal "Node without packages" (command (lib.mkNodeService node)) [ "${pkgs.nodejs}/bin/node" "${src}/dist/index.js" ]
++ equal "Node with packages" (isString (builtins.head (command (lib.mkNodeService (node // { npmHash = ""; }))))) true
++ equal "a site" (command (lib.mkStaticSite site)) [
  "${pkgs.busybox}/bin/busybox"
  "httpd"
  "-f"
  "-p"
  "8081"
  "-h"
  "${src}"
]
++ refused "a set without npm packages" (
  (import ../lib/original {
    inherit system;
    pkgs = removeAttrs pkgs [ "buildNpmPackage" ];
  }).mkNodeService (node // { npmHash = ""; })
)
++ refused "a set without Python packages" (
  (import ../lib/original {
    inherit system;
    pkgs = pkgs // { python3 = removeAttrs pkgs.python3 [ "withPackages" ]; };
  }).mkPythonService (python // { pythonPackages = ps: [ ps.flask ]; })
)
++ refused "a site without a folder" (lib.mkStaticSite (removeAttrs site [ "src" ]))
++ refused "functions" (lib.mkFunctionService { })
++ refused "workloads" (lib.mkFunctionWorkload { })
++ equal "the library" (attrNames lib) [
  "mkFunctionService"
  "mkFunctionWorkload"
  "mkGuest"
  "mkGuestReference"
  "mkNodeService"
  "mkPythonService"
  "mkStaticSite"
]
