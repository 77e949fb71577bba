import { nearest } from '../../errors/nearest.ts';
import { projectTrace } from './trace.ts';

/** As `NixProgress` collects them; the last of an evaluation and the first of a build say what went wrong. */
export interface NixErrorText {
  text: string;
  core: string;
}

/** Nix's own suggestions, else the nearest of the names that we know. */
export function suggestions(
  text: string,
  name: string,
  names: Iterable<string> | undefined,
): string | undefined {
  const given = /Did you mean (?:one of )?(.+)\?/.exec(text)?.[1];
  if (given !== undefined) return `did you mean ${given}?`;
  const close = names === undefined ? undefined : nearest(name, names);
  return close === undefined ? undefined : `did you mean ${close}?`;
}

/** `flake.nix:12:23: undefined variable 'x'`; the place is the last that the trace names in the project. */
export function located({ text, core }: NixErrorText): string {
  const places = [...userWords(projectTrace(text)).matchAll(/^\s*at ([^\s«»]+:\d+:\d+):/gm)].map(
    (match) => match[1] ?? '',
  );
  const place = places.findLast((candidate) => !candidate.startsWith('/nix/store/'));
  const heart = userWords(core).trim().split('\n')[0] ?? '';
  return place === undefined ? heart : `${place}: ${heart}`;
}

/** Paths of the copied source as the user knows them. */
function userWords(text: string): string {
  return text
    .replace(/\/\S*\/[0-9a-z]{32}-source\//g, '')
    .replace(/«path:[^»]*»\//g, '')
    .replace(/\?lastModified=[^'\s]*/g, '');
}

/** Nix's report without the first line of its heart, which the message has; all others of the heart are in it. */
export function report({ text, core }: NixErrorText): string[] {
  const [heart = '', ...rest] = core.trim().split('\n');
  return userWords(projectTrace(text))
    .split('\n')
    .map((line) => line.replace(/^ {7}/, '').trimEnd())
    .filter((line) => line !== '' && line !== heart && !/^(?:error:|Did you mean)/.test(line))
    .slice(-Math.max(20, rest.length));
}
