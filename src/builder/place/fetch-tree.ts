/**
 * A function of bash: adds a folder to the store as a flake's source, and fetches it, for which Nix reads all of it the
 * first time; prints its path. A `path:` of that is what Nix then takes as it is, while it reads and hashes any other
 * folder again in each run.
 */
export const fetchTree = `fetch_tree() {
  FOLDER=$1 nix eval --extra-experimental-features 'nix-command flakes fetch-tree' --flake-registry '' \\
    --impure --raw --expr '(builtins.fetchTree {
      type = "path";
      path = "\${builtins.path { path = builtins.getEnv "FOLDER"; name = "source"; }}";
    }).outPath'
}
`;
