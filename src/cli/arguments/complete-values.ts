import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { storedDigests } from '../../image/store/layout.ts';
import { findPaths, imagesDir } from '../../state/paths.ts';
import { vmNames } from '../../vm/state/names.ts';
import { imageServices } from '../../vm/state/services-of-image.ts';
import type { CompletionContext } from '../program/command.ts';

/** Names of VMs, for shell completion. */
export function vmName({ env }: CompletionContext): string[] {
  return vmNames(findPaths(env));
}

/** VMs as a path in one begins, and what is in the folder that the word before the cursor names. */
export function placeName(context: CompletionContext): string[] {
  return [...vmName(context).map((name) => `${name}:`), ...localPaths(context)];
}

function localPaths({ cwd, words }: CompletionContext): string[] {
  const word = words.at(-1) ?? '';
  const folder = word.slice(0, word.lastIndexOf('/') + 1);
  try {
    return readdirSync(resolve(cwd ?? process.cwd(), folder), { withFileTypes: true })
      .slice(0, mostPaths)
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  } catch {
    return [];
  }
}

/** More than anyone reads. */
const mostPaths = 1000;

/** As many digits of an image's digest as `images` shows. */
const shown = 12;

/** Digests of the images that were built. */
export function imageDigest({ env }: CompletionContext): string[] {
  return storedDigests(imagesDir(findPaths(env))).map((digest) => digest.slice(0, shown));
}

/** What can name an image, besides a folder. */
export function imageOrVm(context: CompletionContext): string[] {
  return [...vmName(context), ...imageDigest(context)];
}

/** The one word that may be either. */
export function vmOrService(context: CompletionContext): string[] {
  return [...vmName(context), ...serviceName(context)];
}

/** Services of the VMs that the command line names, else of all VMs. */
export function serviceName({ env, words }: CompletionContext): string[] {
  const paths = findPaths(env);
  const names = vmNames(paths);
  const named = names.filter((name) => words.includes(name));
  const services = (named.length > 0 ? named : names).flatMap((name) => imageServices(paths, name));
  return [...new Set(services)].sort();
}

/** Outputs of the project's flake, as far as its text names them; and those that are looked for unasked. */
export function profileName({ cwd }: CompletionContext): string[] {
  const names = ['dev', 'default'];
  try {
    const text = readFileSync(join(cwd ?? process.cwd(), 'flake.nix'), 'utf8');
    const declared = /(?:^|[\s.{;])([A-Za-z_][\w'-]*)\s*=\s*[\w.${}"-]*\.mkGuest\b/g;
    names.push(...[...text.matchAll(declared)].map((match) => match[1] ?? ''));
  } catch {
    // No flake here: completion has nothing more to offer, and shows no errors.
  }
  return [...new Set(names)];
}
