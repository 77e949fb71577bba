import { expect, test } from 'vitest';
import { packagesNamedIn } from './named-packages.ts';

test('packages of pkgs.debian are found where a flake names them', () => {
  const text = `
    packages = with pkgs; [ git debian.cowsay pkgs.debian."libstdc++6" ];
    more = with pkgs.debian; [ fortune-mod "lib32z1" ];
    # pkgs.debian.commented
    inherit (pkgs) debian;
  `;
  expect(packagesNamedIn(text).sort()).toEqual(['cowsay', 'fortune-mod', 'lib32z1', 'libstdc++6']);
});
