# nixpkgs' names with a version in them: the error for those with a version other than Debian's.
{ lib, pkgs }:
let
  family =
    what: attribute: has: names:
    lib.genAttrs names (
      name:
      "nixpkgs (Debian stand-in): there is no pkgs.${name}: Debian stable has one ${what}, ${pkgs.${attribute}.version}, which is pkgs.${attribute}${
        lib.optionalString (has != "") " and pkgs.${has}"
      }. For another version use the real nixpkgs: leave `--nixpkgs debian` out."
    );
  numbered = prefix: from: to: map (n: "${prefix}${toString n}") (lib.range from to);
  both = suffix: names: names ++ map (name: name + suffix) names;
in
family "Node.js" "nodejs" "nodejs_20" (numbered "nodejs_" 10 26 ++ numbered "nodejs-slim_" 10 26 ++ map (n: "nodejs-${toString n}_x") (lib.range 10 24))
// family "Python" "python3" "python313" (both "Packages" (numbered "python3" 6 16 ++ [ "python2" "python27" ]) ++ [ "pypy3" "python313Full" "python3Full" ])
// family "Go" "go" "go_1_24" (numbered "go_1_" 16 27)
// family "GCC" "gcc" "gcc14" (numbered "gcc" 6 16)
// family "PostgreSQL" "postgresql" "postgresql_17" (numbered "postgresql_" 11 19)
// family "JDK" "jdk" "jdk21" (
  lib.concatMap (n: [ "jdk${n}" "openjdk${n}" "jdk${n}_headless" "openjdk${n}_headless" "temurin-bin-${n}" ]) (map toString [ 8 11 17 19 20 21 22 23 24 25 ])
  ++ [ "temurin-bin" "zulu" "graalvm-ce" "graalvmPackages" ]
)
// family "PHP" "php" "php84" (both "Packages" (numbered "php" 74 86) ++ both "Extensions" (numbered "php" 74 86))
// family "Ruby" "ruby" "ruby_3_3" (numbered "ruby_3_" 0 5 ++ [ "ruby_2_7" "ruby_4_0" ])
// family "Lua" "lua" "lua5_4" [ "lua5_1" "lua5_2" "lua5_3" "lua51Packages" "lua52Packages" "lua53Packages" "lua54Packages" ]
// family "Redis" "redis" "" [ "redis_6" "redis_7" ]
// family "MariaDB" "mariadb" "" [ "mariadb_105" "mariadb_106" "mariadb_1011" "mariadb_114" "mysql80" "mysql84" ]
