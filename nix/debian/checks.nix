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
  template = pkgs.writeText "template" "@one@ @two@\n";
  program = pkgs.stdenv.mkDerivation {
    pname = "small";
    version = "1";
    src = pkgs.linkFarm "small-src" {
      "small.c" = pkgs.writeText "small.c" "#include <stdio.h>\nint main(void) { puts(ANSWER \" is the answer\"); }\n";
      "Makefile" = pkgs.writeText "Makefile" "small: small.c\n\t$(CC) -DANSWER='\"$(ANSWER)\"' -o $@ $<\ninstall: small\n\tinstall -D small $(PREFIX)/bin/small\n";
    };
    nativeBuildInputs = [ pkgs.installShellFiles ];
    makeFlags = [ "ANSWER=42" ];
    postInstall = "installShellCompletion --cmd small --bash <(echo complete)";
    meta.mainProgram = "small";
  };
  module = pkgs.runCommand "mine" { } ''
    mkdir -p $out/lib/python3/dist-packages $out/bin
    echo answer = 42 >$out/lib/python3/dist-packages/mine.py
    printf '#!/usr/bin/python3\nimport mine\nprint(mine.answer)\n' >$out/bin/mine
    chmod +x $out/bin/mine
  '';
  environment = pkgs.python3.withPackages (_: [ module ]);
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
  wrapper = check "wrapper" [ pkgs.makeWrapper ] ''
    mkdir bin
    printf '#!%s\necho "$A $B $C $*"\n' ${pkgs.runtimeShell} >bin/say
    chmod +x bin/say
    wrapProgram $PWD/bin/say --set A "a b" --prefix B : first --suffix B : last --set-default C c --add-flags "--flag x"
    [ "$(B=given C= bin/say y)" = "a b first:given:last  --flag x y" ]
    [ "$(bin/say)" = "a b first:last c --flag x" ]
    makeWrapper $PWD/bin/say other --unset B --run 'C=run; export C' --append-flags z
    [ "$(./other y)" = "a b first:last run --flag x y z" ]
    if (wrapProgram bin/none) 2>/dev/null; then exit 1; fi
  '';
  substitutes = check "substitutes" [ ] ''
    [ "$(cat ${pkgs.replaceVars template { one = "1"; two = pkgs.jq; }})" = "1 ${pkgs.jq}" ]
    [ "$(cat ${pkgs.substituteAll { src = template; one = "x"; two = 2; other = 3; }})" = "x 2" ]
    one=1 two=2
    substituteAll ${template} filled
    [ "$(cat filled)" = "1 2" ]
    cmp ${(pkgs.formats.json { }).generate "a.json" { a = 1; }} <(printf '{"a":1}')
  '';
  # A small program, as people write it down: a Makefile, and no phases.
  program = check "program" [ program ] ''
    [ "$(small)" = "42 is the answer" ]
    test -e ${program}/share/bash-completion/completions/small
    [ "$(${lib.getExe (program.overrideAttrs (old: { postInstall = "mv $out/bin/small $out/bin/large"; meta.mainProgram = "large"; }))})" = "42 is the answer" ]
  '';
  changed = check "changed" [ ] ''
    [ "$(${pkgs.jq.overrideAttrs (old: { postInstall = "mv $out/bin/jq $out/bin/jay"; })}/bin/jay -n 1)" = 1 ]
  '';
  shell = check "shell" [ ] ''
    grep -q 'GREETING="hi"' ${pkgs.mkShell { packages = [ pkgs.jq ]; inputsFrom = [ program ]; GREETING = "hi"; }}
  '';
  sources = check "sources" [ ] ''
    cd ${lib.fileset.toSource { root = ./.; fileset = lib.fileset.unions [ ./flake.nix (lib.fileset.fileFilter (file: file.hasExt "sh") ./build) ]; }}
    [ "$(echo *)" = "build flake.nix" ]
    test -e build/setup.sh
    test ! -e build/unit.pl
  '';
  # The modules are found by whichever name the interpreter is called, and by what it starts.
  python-env = check "python-env" [ pkgs.coreutils ] ''
    ln -s ${environment}/bin/python3 linked
    [ "$(./linked -c 'import mine, subprocess, sys; subprocess.check_call([sys.executable, "-c", "import mine"]); print(mine.answer)')" = 42 ]
    [ "$(PATH=${environment}/bin:$PATH mine)" = 42 ]
    if ${pkgs.python3}/bin/python3 -c 'import mine' 2>/dev/null; then exit 1; fi
    [ -z "$(env -i ${environment}/bin/python3 -c 'import os; print(*[name for name in os.environ if name.startswith("PYTHON")])')" ]
  '';
  npm = check "npm" [ pkgs.nodejs ] ''
    export HOME=$TMPDIR
    mkdir dep app
    (cd dep; echo '{"name":"dep","version":"1.0.0"}' >package.json; echo 'module.exports=42' >index.js; npm pack >/dev/null 2>&1)
    cd app
    npm init -y >/dev/null
    npm install --offline --no-audit ../dep/dep-1.0.0.tgz
    [ "$(node -p 'require("dep")')" = 42 ]
    [ "$(npx --offline -c 'node -p 6*7')" = 42 ]
    # npm's own modules are not modules of the project.
    if node -e 'require("semver")' 2>/dev/null; then exit 1; fi
  '';
}
