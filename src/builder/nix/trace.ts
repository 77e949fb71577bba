/**
 * Files by which sources in the store are known that are not the project's: mvm's library, the package set made of
 * Debian's packages, nixpkgs.
 */
const known = [
  String.raw`nix/lib/(?:mk-guest|check|prebuilt|(?:schema|root|image|presets|original)/[\w-]+)\.nix`,
  String.raw`pkgs/(?:absent|aliases|builders|derivation|entries|fetchers|joins|node|package|python|substitutes|table|units|versions|writers)\.nix`,
  'pkgs/(?:top-level|stdenv|build-support|by-name)/',
  String.raw`lib/(?:attrs|attrsets|customisation|derivations|filesets|fixed-points|functions|generators|lists|modules|packages|sources|strings|systems|trivial)\.nix`,
].join('|');
const foreign = new RegExp(`/nix/store/([0-9a-z]{32})-source/(?:${known})`, 'g');
const outermost = /\/nix\/store\/([0-9a-z]{32})-source\/(?:\S+\/)?flake\.nix:/;
const place = /^\s*at (\/nix\/store\/([0-9a-z]{32})-source\/\S+|\S+?):(\d+):(\d+):$/m;

/**
 * A trace of Nix with the project's own frames only; what is wrong is wrong there, and which functions of the
 * library noticed it does not help. The last paragraph, which says what is wrong, stays.
 */
export function projectTrace(text: string): string {
  const hashes = new Set([...text.matchAll(foreign)].map((match) => match[1]));
  // The outermost flake is the project's, whatever files it has.
  hashes.delete(outermost.exec(text)?.[1]);
  const paragraphs = text.split(/\n[ \t]*\n/);
  const own = paragraphs.filter((paragraph, at) => {
    if (at === paragraphs.length - 1) return true;
    const hash = place.exec(paragraph)?.[2];
    return !noise.test(paragraph) && (hash === undefined || !hashes.has(hash));
  });
  return own.join('\n\n');
}

/** What Nix says of itself. */
const noise =
  /at <nix\/derivation-internal\.nix>|stack trace truncated|duplicate frames omitted|while updating the lock file of flake/;
