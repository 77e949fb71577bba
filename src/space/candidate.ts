/** What can be cleared away, as people see it. */
export const kinds = [
  'built images',
  'default images',
  'builder images',
  'kernels',
  'templates',
  'Debian packages',
  'package indexes',
  'host builds',
  'build logs',
  'debug logs',
  'compiled code',
  'project notes',
  'leftovers',
] as const;
export type Kind = (typeof kinds)[number];

/** Something that no VM and no build needs, as far as its place and name tell. */
export interface Candidate {
  kind: Kind;
  path: string;
  /** Why nothing needs it. */
  why: string;
  /** A lock whose living holder works on it. */
  lock?: string;
  /** It was given up by name: its age says nothing. */
  givenUp?: true;
  /** How it goes, where it does not simply go. */
  remove?: () => Promise<void>;
}
