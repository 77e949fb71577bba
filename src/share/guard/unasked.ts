/**
 * Names that are protected in every folder of a share without being asked for: what a program of the host runs, or takes the names
 * of programs from, without being told to, because someone enters the folder, opens it in an editor, or calls git. What someone
 * starts knowingly (a Makefile, scripts of package.json) is not among them, nor what only names one of the host's own
 * programs (.gitattributes) or an address (.gitmodules, .lfsconfig). Git's own folders have rules of their own: `git-place.ts`.
 */
export const unasked: readonly string[] = [
  // mvmctl itself.
  'mvm.toml',
  'Mvmfile.toml',
  '.mvmignore',
  // By a `cd`: direnv, and what the environments that it enters have cached; mise trusts a file once, whatever comes into it.
  '.envrc',
  '.direnv/',
  '.devenv/',
  '.devbox/',
  'mise.toml',
  'mise.local.toml',
  '.mise.toml',
  '.mise.local.toml',
  '.mise/',
  '**/.config/mise.toml',
  '**/.config/mise/',
  // By an editor that opens the folder: tasks, the programs that check and format, containers with commands for the host.
  '.vscode/',
  '*.code-workspace',
  '.theia/',
  '.idea/',
  '.fleet/',
  '.zed/',
  '.helix/',
  '.nova/',
  '.lapce/',
  '.project',
  '.externalToolBuilders/',
  '*.sublime-project',
  '.devcontainer/',
  '.devcontainer.json',
  '.exrc',
  '.vimrc',
  '.gvimrc',
  '.nvimrc',
  '.nvim.lua',
  '.lvimrc',
  '.dir-locals.el',
  '.dir-locals-2.el',
  // By an assistant in an editor or a terminal: hooks, and servers that it starts.
  '.cursor/',
  '.claude/',
  '.codex/',
  '.gemini/',
  '.windsurf/',
  '.kiro/',
  '.mcp.json',
  // By a hook that is installed on the host: these say what it runs.
  '.husky/',
  '.pre-commit-config.yaml',
  '.pre-commit-config.yml',
  'lefthook.*',
  '.lefthook.*',
  'lefthook-local.*',
  '.lefthook-local.*',
  '**/.config/lefthook.*',
  '.overcommit.yml',
  // By other version control.
  '**/.hg/hgrc',
  '**/.hg/hgrc-not-shared',
  '**/.hg/sharedpath',
  '**/.jj/repo/config.toml',
  '**/.jj/workspace-config.toml',
];
