import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeNixHome, type VmHome } from '../vm-home.ts';

let home: VmHome;

// What flakes of development shells call of nixpkgs, in one image of Debian packages.
beforeAll(async () => {
  home = await makeNixHome();
  cpSync(join(import.meta.dirname, 'everyday'), home.project, { recursive: true });
  await home.up('--nixpkgs', 'debian', '--memory', '512M');
});
afterAll(() => home.destroy());

test.each([
  ['python3.withPackages', `python3 -c "import requests, yaml; print(yaml.safe_load('a: 1'))"`, "{'a': 1}\n"],
  // A venv with pip in it takes an emulated guest minutes.
  ['pip and venv', 'python3 -m venv --without-pip /tmp/v && pip --version | cut -d " " -f 1', 'pip\n'],
  ['mkDerivation, makeWrapper, overlays', 'env -i /bin/count', '1.0.1 42\n'],
  ['writeShellApplication', 'greet you', 'hello you\n'],
  ['a name of nixpkgs that the table lacks, and Debian has', 'hello', 'Hello, world!\n'],
  ['formats', 'cat /etc/everyday.json', '{"a-count":1}'],
])('in the guest: %s', async (_, script, said) => {
  const { status, stdout, stderr } = await home.exec('/bin/bash', '-c', script);
  expect(status, stderr).toBe(0);
  expect(stdout).toBe(said);
});

const terminals = `xterm xterm-256color xterm-direct xterm-kitty xterm-ghostty screen screen-256color screen.xterm-256color tmux
  tmux-256color tmux-direct rxvt rxvt-256color rxvt-unicode-256color alacritty alacritty-direct kitty foot foot-direct wezterm
  ghostty vt100 vt220 linux st st-256color iterm2 konsole konsole-256color vscode vscode-direct`;

test('terminals of all kinds are described in the guest', async () => {
  // In what every image with a shell has, not in what the package ncurses brings.
  const script = `for t in ${terminals.replace(/\s+/g, ' ')}; do
    TERMINFO=$(echo /nix/store/*-terminfo/share/terminfo) TERM=$t tput cols >/dev/null || echo $t
  done; echo all`;
  const { stdout, stderr } = await home.exec('/bin/bash', '-c', script);
  expect(stdout, stderr).toBe('all\n');
});
