# What is downloaded, always with its hash.
{ lib }:
let
  refuse = what: why: throw "nixpkgs (Debian stand-in): ${what} is not supported: ${why}";
  lacking =
    what: args:
    refuse "${what} without a hash" "write hash = lib.fakeHash; the build's error then shows the right one.";
  # The first that is given; an empty one stands for one that is not known yet.
  hashOf =
    what: args:
    if args.hash or null != null then (if args.hash == "" then lib.fakeHash else args.hash)
    else if args.sha256 or null != null then (if args.sha256 == "" then lib.fakeHash else args.sha256)
    else lacking what args;
  without =
    what: names: args: why:
    let
      found = builtins.filter (name: !builtins.elem (args.${name} or false) [ false null "" [ ] ]) names;
    in
    value: if found == [ ] then value else refuse "${what}'s `${lib.head found}`" why;

  fetchurl =
    {
      url ? "",
      urls ? [ ],
      name ? "",
      executable ? false,
      recursiveHash ? false,
      ...
    }@args:
    let
      all = if url != "" then [ url ] else urls;
      first = if all == [ ] then refuse "fetchurl without `url`" "name what it downloads." else lib.head all;
      algorithm = lib.findFirst (algo: args.${algo} or null != null && args.${algo} != "") "sha256" [ "sha512" "sha1" "md5" ];
      given = if algorithm == "sha256" || args ? hash then hashOf "fetchurl" args else args.${algorithm};
      sri = builtins.match "(sha1|md5|sha256|sha512)-.*" given != null;
    in
    without "fetchurl" [ "postFetch" "curlOpts" "curlOptsList" "netrcPhase" "downloadToTemp" ] args
      "it downloads a file as it is. Change the file in a derivation of its own (pkgs.runCommand), or use the real nixpkgs."
    (
      if lib.hasPrefix "mirror:" first then
        refuse "fetchurl of ${first}" "write the address itself, https://…"
      else
        import ./made-here.nix {
          name = if name != "" then name else baseNameOf first;
          inherit executable;
          system = "builtin";
          builder = "builtin:fetchurl";
          url = first;
          urls = all;
          unpack = false;
          outputHashMode = if executable || recursiveHash then "recursive" else "flat";
          outputHashAlgo = if sri then null else algorithm;
          outputHash = given;
        }
        // { url = first; meta = args.meta or { }; }
    );

  # Unpacked by Nix itself while it evaluates, to the path that nixpkgs' fetchers give for the same hash.
  tarball =
    what: url: args: more:
    let
      fetched = builtins.fetchTarball { inherit url; name = args.name or "source"; sha256 = hashOf what args; };
    in
    more // { outPath = "${fetched}"; name = args.name or "source"; inherit url; meta = args.meta or { }; };
  forge =
    what: address:
    { owner, repo, rev ? null, tag ? null, ... }@args:
    let
      commit = if rev != null then rev else if tag != null then tag else refuse "${what} without `rev` or `tag`" "name the commit.";
    in
    without what [ "fetchSubmodules" "leaveDotGit" "deepClone" "sparseCheckout" "fetchLFS" "postFetch" "forceFetchGit" "private" ] args
      "it downloads the forge's archive of a commit. Take the repository as an input of the flake (git+https://…?submodules=1)."
      (tarball what (address args commit) args { inherit owner repo; rev = commit; inherit tag; });
in
{
  inherit fetchurl;
  fetchTarball = builtins.fetchTarball;
  fetchFromGitHub = forge "fetchFromGitHub" (
    { owner, repo, githubBase ? "github.com", ... }: rev: "https://${githubBase}/${owner}/${repo}/archive/${rev}.tar.gz"
  );
  fetchFromGitLab = forge "fetchFromGitLab" (
    { owner, repo, domain ? "gitlab.com", ... }: rev: "https://${domain}/${owner}/${repo}/-/archive/${rev}/${repo}-${rev}.tar.gz"
  );
  fetchzip =
    { url, ... }@args:
    without "fetchzip" [ "postFetch" "curlOpts" ] args "it unpacks an archive as it is." (
      if args.stripRoot or true == false then
        refuse "fetchzip with stripRoot = false" "take fetchurl, and unpack the archive in a derivation."
      else
        tarball "fetchzip" url args { }
    );
}
