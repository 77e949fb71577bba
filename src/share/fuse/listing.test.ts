import { expect, test } from 'vitest';
import { Listing } from './listing.ts';

const entries = (...names: string[]) => names.map((name) => ({ name, type: 0 }));
const names = (listing: Listing, offset: number) =>
  [...listing.from(offset)].map(({ entry }) => (typeof entry === 'string' ? entry : entry.name));

test('whoever is in the middle of a listing gets each entry that stays once, whatever comes and goes', () => {
  const listing = new Listing();
  listing.update(entries('a', 'b', 'c', 'd'));
  const [, , , second] = listing.from(0);
  expect(names(listing, 0)).toEqual(['.', '..', 'a', 'b', 'c', 'd']);
  listing.update(entries('new', 'd', 'b'));
  expect(names(listing, second?.next ?? 0)).toEqual(['d', 'new']);
});

test('a folder that is emptied and filled again and again stays as small as it is', () => {
  const listing = new Listing();
  for (let round = 0; round < 50; round++)
    listing.update(Array.from({ length: 100 }, (_, i) => ({ name: `${round}-${i}`, type: 0 })));
  const all = [...listing.from(0)];
  expect(all).toHaveLength(102);
  expect(all.at(-1)?.next).toBeLessThan(3000);
});
