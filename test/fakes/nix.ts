import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fakeProgram } from './qemu.ts';

/**
 * A Nix that writes down how it is called and "builds" by copying a folder (a shell pattern; the first match) into a store of its own; `before` is
 * what it does first. It reads no flake: whether a real one builds is not for a fake to tell.
 */
export function fakeNix(folder: string, image: string, before = ''): { bin: string; env: NodeJS.ProcessEnv } {
  const bin = join(folder, 'bin');
  const store = join(folder, 'store');
  mkdirSync(store, { recursive: true });
  fakeProgram(
    bin,
    'nix',
    `case "$1" in
  --version) echo "nix (Nix) 2.26.3"; exit 0 ;;
esac
printf '%s\\n' "$@" >"${folder}/arguments"
flake=\${2#path:}
ls -A "\${flake%%#*}" >"${folder}/source"
${before}
drv="$NIX_STORE_DIR/00000000000000000000000000000000-made.drv"
echo '@nix {"action":"start","id":1,"level":3,"type":105,"text":"building made","fields":["'"$drv"'","",1,1]}' >&2
echo '@nix {"action":"result","id":1,"type":101,"fields":["a line of the build"]}' >&2
echo '@nix {"action":"stop","id":1}' >&2
rm -rf "$NIX_STORE_DIR/made"
set -- ${image}
cp -R "$1" "$NIX_STORE_DIR/made"
echo "$NIX_STORE_DIR/made"`,
  );
  return { bin, env: { NIX_STORE_DIR: store, PATH: `${bin}:${process.env.PATH}` } };
}
