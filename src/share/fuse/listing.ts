import type { Entry } from '../tree/tree.ts';

/** In front of the entries are `.` and `..`. */
const dots = 2;

/**
 * A folder's entries in an order that stays: each entry has a position of its own as long as it is there, so that whoever is
 * in the middle of a listing, while entries come and go, gets each once.
 */
export class Listing {
  #entries: (Entry | undefined)[] = [];
  #positions = new Map<string, number>();

  update(found: readonly Entry[]): void {
    if (this.#entries.length > 2 * found.length + 1000) {
      this.#entries = [];
      this.#positions.clear();
    }
    const now = new Set(found.map(({ name }) => name));
    for (const [name, position] of this.#positions) {
      if (now.has(name)) continue;
      this.#entries[position] = undefined;
      this.#positions.delete(name);
    }
    for (const entry of found) {
      const position = this.#positions.get(entry.name) ?? this.#entries.length;
      this.#entries[position] = entry;
      this.#positions.set(entry.name, position);
    }
  }

  /** The entries from an offset on, each with the offset behind it. */
  *from(offset: number): Generator<{ entry: Entry | '.' | '..'; next: number }> {
    if (offset < 1) yield { entry: '.', next: 1 };
    if (offset < 2) yield { entry: '..', next: 2 };
    for (let at = Math.max(offset - dots, 0); at < this.#entries.length; at++) {
      const entry = this.#entries[at];
      if (entry !== undefined) yield { entry, next: at + 1 + dots };
    }
  }
}
