import type { Names } from '../tree/tree.ts';

const anywhere = new Set(['mvm.toml', 'Mvmfile.toml', '.envrc', '.vscode', '.idea']);

/** Whether the host runs or reads a file by itself: git's hooks and configuration, settings of editors and of mvmctl. */
export function isProtected(path: Names): boolean {
  if (path.some((name) => anywhere.has(name.toLowerCase()))) return true;
  const git = path.findIndex((name) => name.toLowerCase() === '.git');
  if (git < 0) return false;
  const rest = path.slice(git + 1).map((name) => name.toLowerCase());
  return (
    rest.length === 0 || rest.some((name) => ['hooks', 'info'].includes(name) || name.startsWith('config'))
  );
}
