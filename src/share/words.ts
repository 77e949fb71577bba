import { bytesOf } from './tree/folders.ts';
import type { Names } from './tree/tree.ts';

/** A path for people: whatever bytes a guest chose for its names, nothing in it is for a terminal. */
export const pathInWords = (path: Names): string =>
  bytesOf(path.join('/')).toString('utf8').replace(/\p{C}/gu, '?');
