import type { Special } from './decode.ts';

/** Hears of what is not copied. */
export type OnSkipped = (why: Special, path: string) => void;

/** Where a tree comes from. */
export interface Source {
  kind: 'folder' | 'file' | 'link' | 'stream';
  /** Of a file, in bytes, where it is known. */
  size?: number;
  /** In a guest: the path without links. */
  real?: string;
  /** The records, in pieces. To be read once. */
  pieces(): AsyncGenerator<Buffer>;
  /** Ends the reading; what was not read is not. */
  close(): Promise<void>;
}

/** Where a tree goes to. */
export interface Target {
  /** In a guest: the path without links of what is going to be made. */
  real?: string;
  /** Rejects with what ends it, also while nothing is given to it. */
  failed?: Promise<never>;
  /** Resolves when more is wanted. Throws what the other side says. */
  take(piece: Buffer): Promise<void>;
  /** All was given. Resolves when it is complete under its name. */
  finish(): Promise<void>;
  /** Removes what is not complete; after `finish` nothing is. */
  close(): Promise<void>;
}
