import type { Readable } from 'node:stream';
import type { Source } from '../../project/source-entry.ts';
import type { Bundle } from '../library/library.ts';
import type { RunThere } from '../nix/build.ts';

/** Where a build runs: the builder VM, or the host with a Nix of its own. */
export interface NixPlace {
  kind: 'vm' | 'host';
  run: RunThere;
  storeDir: string;
  /** Puts what the tool brings along where Nix finds it; the folder. */
  bundle(bundle: Bundle): Promise<string>;
  /** The same for a project's source; the folder of its flake. */
  source(source: Source): Promise<string>;
  /**
   * The files of a flake's folder that were read since `source` gave it, by their paths in it; undefined where that can't
   * be told.
   */
  reads(folder: string): Promise<ReadonlySet<string> | undefined>;
  /** What a store path holds: a folder here, or what makes a tar stream of it without some of its files. */
  output(path: string): string | ((without: readonly string[]) => Readable);
}
