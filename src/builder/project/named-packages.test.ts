import { expect, test } from 'vitest';
import { packagesMeantBy, packagesNamedIn } from './named-packages.ts';

test('packages of pkgs.debian are found where a flake names them', () => {
  const text = `
    packages = with pkgs; [ git debian.cowsay pkgs.debian."libstdc++6" ];
    more = with pkgs.debian; [ fortune-mod "lib32z1" ];
    # pkgs.debian.commented
    inherit (pkgs) debian;
  `;
  expect(packagesNamedIn(text).sort()).toEqual(['cowsay', 'fortune-mod', 'lib32z1', 'libstdc++6']);
});

const known = { set: { ffmpeg: 'ffmpeg', kubectl: 'kubernetes-client' }, python: { pyyaml: 'python3-yaml' } };

test("packages under nixpkgs' names are found, with and without pkgs", () => {
  const text = 'packages = with pkgs; [ ffmpeg ] ++ [ pkgs.kubectl ]; # pkgs.hello';
  expect(packagesMeantBy([text], known).sort()).toEqual(['ffmpeg', 'kubernetes-client']);
});

test.each([
  ['(pkgs.python3.withPackages (ps: [ ps.requests ps.pyyaml ]))'],
  ['(python3.withPackages (ps: with ps; [ requests pyyaml ]))'],
  ['with pkgs.python3Packages; [ requests pyyaml ]'],
  ['pkgs.python313Packages.requests pkgs.python313Packages.pyyaml'],
  ['[ pkgs.python3.pkgs.requests pkgs.python3.pkgs.pyyaml ]'],
])('modules of Python are found: %s', (text) => {
  expect(packagesMeantBy([text], known)).toEqual(
    expect.arrayContaining(['python3-requests', 'python3-yaml']),
  );
});

test('modules whose names are in another file than withPackages are found', () => {
  const modules = 'ps: with ps; [ flask typing_extensions ]';
  expect(packagesMeantBy(['python3.withPackages (import ./m.nix)', modules], known)).toEqual(
    expect.arrayContaining(['python3-flask', 'python3-typing-extensions']),
  );
});

test('where nothing takes modules of Python, no word stands for one', () => {
  expect(packagesMeantBy(['packages = [ pkgs.python3 pkgs.git ];'], known)).toEqual([]);
});
