import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { configNames, projectVmName } from './project.ts';
import { templates } from './templates/templates.ts';

export interface InitRequest {
  /** The folder that becomes a project. */
  dir: string;
  template: string | undefined;
  nixpkgs: string | undefined;
}

/**
 * Writes the files of a new project; one that is there is never touched. A flake that is there already, and no template
 * asked for, gets an mvm.toml that names it.
 * @returns the files, relative to the folder
 * @throws MvmError FILE_EXISTS, with nothing written; STATE_WRITE
 */
export function initProject({ dir, template, nixpkgs }: InitRequest): string[] {
  const config = { 'mvm.toml': configText(nixpkgs) };
  const adopts = template === undefined && isThere(join(dir, 'flake.nix'));
  const files: Record<string, string> = adopts ? config : { ...made(template ?? 'minimal', dir), ...config };
  const there = [...new Set([...Object.keys(files), ...configNames])].filter((name) =>
    isThere(join(dir, name)),
  );
  if (there.length > 0) {
    const hasConfig = there.some((name) => configNames.includes(name));
    const words = there.length === 1 ? `${there[0]} is` : `${there.join(' and ')} are`;
    throw new MvmError('FILE_EXISTS', `${words} in ${dir} already, and init overwrites nothing.`, {
      hint: hasConfig
        ? 'mvmctl validate   (checks what is there)'
        : 'mvmctl init   (keeps the flake that is there)',
    });
  }
  for (const [name, text] of Object.entries(files)) write(join(dir, name), text);
  return Object.keys(files);
}

function made(template: string, dir: string): Readonly<Record<string, string>> {
  return templates[template]?.files(projectVmName({ dir, configFile: undefined }).slice(0, 28)) ?? {};
}

function configText(nixpkgs: string | undefined): string {
  const inputs =
    nixpkgs === undefined
      ? '# Where no Nix cache can be reached:\n# [inputs]\n# nixpkgs = "debian"\n'
      : `[inputs]\nnixpkgs = ${JSON.stringify(nixpkgs)}\n`;
  return `flake = "."\nprofile = "dev"\n\n${inputs}`;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST')
      throw new MvmError('FILE_EXISTS', `${path} has just been created by another process, and was kept.`, {
        cause: error,
      });
    throw writeError(error, path);
  }
}
