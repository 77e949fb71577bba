# The nearest name: the cases of src/errors/nearest.test.ts in kind.
let
  inherit (import ../lib/schema/nearest.nix) nearest distance;
  equal = what: a: b: if a == b then [ ] else [ "${what}: ${builtins.toJSON a}, not ${builtins.toJSON b}" ];
  names = [
    "packages"
    "services"
    "vcpus"
    "memory_mib"
  ];
in
equal "an exact match" (distance "abc" "abc") 0
++ equal "an empty word" (distance "" "abc") 3
++ equal "a swap" (distance "shlel" "shell") 1
++ equal "one of each" (distance "kitten" "sitting") 3
++ equal "a typing error" (nearest "pacakges" names) "packages"
++ equal "a beginning" (nearest "mem" names) "memory_mib"
++ equal "nothing like it" (nearest "kernel" names) null
++ equal "no candidates" (nearest "a" [ ]) null
