import type { Relation } from './version.ts';

/** One package that would do, with the version it must have. */
export interface Alternative {
  name: string;
  relation?: Relation;
  version?: string;
}

/** What one item of Depends asks for: any one of its alternatives. */
export type Dependency = Alternative[];

const item = /^([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s)]+)\s*\))?/;

/**
 * Reads a Depends or Provides field (deb-control(5)). Architecture qualifiers (`:any`) are dropped: all we
 * unpack is of one architecture. Items that can't be read are left out. The old `<` and `>` mean `<=`, `>=`.
 */
export function parseDependencies(field: string | undefined): Dependency[] {
  if (field === undefined || field.trim() === '') return [];
  return field
    .split(',')
    .map((group) =>
      group.split('|').flatMap((text): Alternative[] => {
        const match = item.exec(text.trim());
        if (match?.[1] === undefined) return [];
        const [, name, sign, version] = match;
        if (sign === undefined || version === undefined) return [{ name }];
        const relation = (sign === '<' || sign === '>' ? `${sign}=` : sign) as Relation;
        return [{ name, relation, version }];
      }),
    )
    .filter((group) => group.length > 0);
}
