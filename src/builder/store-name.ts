/** `/nix/store/<hash>-ripgrep-14.1.drv` as a person names it: `ripgrep-14.1`. */
export function storeName(path: string): string {
  return path.replace(/^.*\/[0-9a-z]{32}-/, '').replace(/\.drv$/, '');
}
