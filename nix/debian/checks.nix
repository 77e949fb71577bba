# Holds the builders to what flakes expect of nixpkgs' ones; each is a derivation that builds when they do.
{
  system ? builtins.currentSystem,
}:
let
  pkgs = import ./. { inherit system; };
  inherit (pkgs) lib;
  check =
    name: inputs: script:
    pkgs.runCommand "check-${name}" { nativeBuildInputs = inputs; } ''
      ${script}
      touch $out
    '';
  hello = pkgs.writeShellScriptBin "hello" ''echo "hello $1"'';
  joined = pkgs.symlinkJoin {
    name = "joined";
    paths = [ pkgs.jq hello pkgs.bash ];
    postBuild = "echo more >$out/more";
  };
  library = pkgs.stdenv.mkDerivation {
    pname = "answer";
    version = "1";
    src = pkgs.linkFarm "answer-src" { "answer.c" = pkgs.writeText "answer.c" "int answer(void) { return 42; }\n"; };
    buildPhase = "gcc -shared -fPIC -o libanswer.so answer.c";
    installPhase = "install -D libanswer.so $out/lib/libanswer.so";
  };
in
{
  run-command = check "run-command" [ pkgs.jq ] ''
    [ "$(echo '{"a":1}' | jq .a)" = 1 ]
    echo 'one @two@' >f
    two=2 substituteInPlace f --replace-fail one 1 --subst-var-by two 2
    [ "$(cat f)" = '1 2' ]
    if (substituteInPlace f --replace-fail missing x) 2>/dev/null; then exit 1; fi
  '';
  text = check "text" [ ] ''
    [ "$(cat ${pkgs.writeText "t" "text"})" = text ]
    [ "$(cat ${pkgs.writeTextDir "etc/x" "dir"}/etc/x)" = dir ]
    [ "$(${pkgs.writeShellScript "s" "echo script"})" = script ]
    [ "$(${pkgs.writeScriptBin "s" "#!${pkgs.bash}/bin/sh\necho bin"}/bin/s)" = bin ]
    [ "$(${lib.getExe hello} you)" = "hello you" ]
  '';
  application = check "application" [ ] ''
    [ "$(${lib.getExe (
      pkgs.writeShellApplication {
        name = "app";
        runtimeInputs = [ pkgs.jq ];
        runtimeEnv.GREETING = "a b";
        text = "echo '{\"x\":3}' | jq .x; echo \"$GREETING\"";
      }
    )} | tr '\n' ' ')" = "3 a b " ]
  '';
  symlink-join = check "symlink-join" [ ] ''
    test -x ${joined}/bin/jq
    test -x ${joined}/bin/sh
    [ "$(cat ${joined}/more)" = more ]
    [ "$(${joined}/bin/hello joined)" = "hello joined" ]
  '';
  build-env = check "build-env" [ ] ''
    env=${pkgs.buildEnv { name = "env"; paths = [ hello pkgs.git ]; pathsToLink = [ "/bin" ]; }}
    test -x $env/bin/git
    test -x $env/bin/hello
    test ! -e $env/share
  '';
  closure-info = check "closure-info" [ ] ''
    info=${pkgs.closureInfo { rootPaths = [ pkgs.jq ]; }}
    grep -qx ${pkgs.jq} $info/store-paths
    grep -q libc6 $info/store-paths
    if grep -q git $info/store-paths; then exit 1; fi
    grep -qx ${pkgs.jq} $info/registration
    [ $(cat $info/total-nar-size) -gt 1000000 ]
  '';
  # The program finds its library where it was built with, and the C library that is not in /lib.
  compiler = check "compiler" [ pkgs.gcc library ] ''
    echo 'int answer(void); int main(void) { return answer() - 42; }' >m.c
    gcc m.c -o m -L${library}/lib -lanswer -Wl,-rpath,${library}/lib
    ./m
    echo '#include <vector>
    int main() { return std::vector<int>{1}.size() - 1; }' >m.cc
    g++ -std=c++20 m.cc -o n
    ./n
  '';
  python = check "python" [ pkgs.python3 ] ''
    python3 -c 'import ssl, sqlite3, ctypes, lzma, readline, curses, hashlib'
    python3 -m venv --without-pip v
    v/bin/python -c 'import json'
  '';
  git = check "git" [ pkgs.git ] ''
    export HOME=$TMPDIR
    git init -q a
    cd a
    echo x >f
    git add f
    git -c user.name=a -c user.email=a@a commit -qm m
    git submodule status
    ${pkgs.nodejs}/bin/node --input-type=module -e 'import fs from "fs"; if (!fs.readFileSync("f")) process.exit(1)'
  '';
  call-package = check "call-package" [ ] ''
    [ ${(pkgs.callPackage ({ jq, extra ? "x" }: { inherit extra; inherit (jq) version; }) { extra = "y"; }).extra} = y ]
  '';
  overlay = check "overlay" [ ] ''
    [ ${(import ./. { inherit system; overlays = [ (final: previous: { mine = "${previous.jq.pname}-${final.git.pname}"; }) ]; }).mine} = jq-git ]
  '';
}
