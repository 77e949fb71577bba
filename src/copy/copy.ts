import { type Special, TreeDecoder } from './decode.ts';
import { treeRefused } from './failure.ts';
import type { Source, Target } from './source.ts';

export interface Totals {
  /** Files and links. */
  files: number;
  bytes: number;
}

export interface CopyOptions {
  onProgress?: (totals: Totals) => void;
  /** A guest tells of what it does not copy. */
  onSkipped?: (why: Special, path: string) => void;
  /** The source is to be a file. */
  onlyFile: boolean;
  signal: AbortSignal;
}

/**
 * Copies a tree, and closes both ends. Resolves when it is complete under its name. Throws what they throw, and
 * TREE_REFUSED where a guest sends what breaks the format's rules.
 */
export async function copyTree(source: Source, target: Target, options: CopyOptions): Promise<Totals> {
  const { onProgress, signal } = options;
  const { totals, decoder } = createCount(options);
  let failure: { error: unknown } | undefined;
  // A source that waits for input would not hear of it.
  target.failed?.catch((error: unknown) => {
    failure = { error };
    void source.close();
  });
  try {
    for await (const piece of source.pieces()) {
      signal.throwIfAborted();
      decoder.push(piece);
      await target.take(piece);
      onProgress?.(totals);
    }
    await target.finish();
    return totals;
  } catch (error) {
    throw failure?.error ?? error;
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

/** Reads along: what comes is checked before it goes on, to whichever side. */
function createCount({ onSkipped, onlyFile }: CopyOptions) {
  const totals: Totals = { files: 0, bytes: 0 };
  const one = () => void totals.files++;
  const tree = () => {
    if (onlyFile) throw treeRefused('it', 'the guest sent more than the file that was asked for');
  };
  const decoder = new TreeDecoder({
    folder: tree,
    file: one,
    symlink() {
      tree();
      one();
    },
    link: one,
    data(bytes) {
      totals.bytes += bytes.length;
    },
    hole() {},
    end() {},
    skipped: (why, path) => onSkipped?.(why, path.toString()),
    done() {},
  });
  return { totals, decoder };
}
