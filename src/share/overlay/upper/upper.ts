import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OpenFolder } from '../../../copy/open-folder.ts';
import { systemCode } from '../../../errors/mvm-error.ts';
import { nowNs } from '../../tree/now.ts';
import { Contents } from './contents.ts';
import { Journal } from './journal.ts';
import { type Effect, Model } from './model.ts';

/** A journal is written anew when it is so many bytes, and so many times as long as it was when it was last. */
const [smallest, times] = [1 << 20, 4];
/** Effects a line, where all of them are written. */
const perLine = 200;

/** What a guest changed of a folder of the host, in a folder of the VM's. */
export class Upper {
  readonly path: string;
  readonly contents: Contents;
  model: Model;
  readonly #folder: OpenFolder;
  readonly #journal: Journal;
  readonly #isReadOnly: boolean;
  #written = 0;

  /**
   * @param path made where it is not there
   * @param isReadOnly only looks, while another process may be at work on it
   */
  constructor(path: string, isReadOnly = false) {
    this.path = path;
    this.#isReadOnly = isReadOnly;
    if (!isReadOnly) for (const one of [path, join(path, 'data')]) makePrivate(one);
    this.#folder = new OpenFolder(Buffer.from(path));
    try {
      this.contents = new Contents(this.#folder.at(Buffer.from('data')));
      this.#journal = new Journal(this.#folder, isReadOnly);
      this.model = this.#load();
    } catch (error) {
      this.close();
      throw error;
    }
    if (isReadOnly) return;
    this.contents.keepOnly((id) => this.model.nodes.get(id)?.hasData === true);
    this.#compact();
  }

  /** Writes a change down, and makes it. Throws the system's error; then nothing changed. */
  commit(effects: readonly Effect[]): void {
    const now = nowNs();
    this.#journal.append({ now, effects });
    this.#drop(this.model.take(effects, now));
    this.#compact();
  }

  /** As `commit`, of a change to the model that is too big for a line. Throws the system's error; then nothing changed. */
  replace(model: Model): void {
    this.#write(model);
    const before = this.model;
    this.model = model;
    for (const [id, node] of before.nodes)
      if (node.hasData && model.nodes.get(id)?.hasData !== true) this.contents.remove(id);
  }

  /** A copy of the model as it is. */
  copy(): Model {
    const model = new Model(this.model.next);
    model.take([...this.model.effects()], 0n);
    return model;
  }

  /** What was changed until now survives a power cut. */
  sync(): void {
    this.#journal.sync();
  }

  close(): void {
    this.#journal?.close();
    this.contents?.close();
    this.#folder.close();
  }

  #load(): Model {
    // Ids name files for the guest too: they are not given again when all changes are gone.
    const model = new Model(Date.now() * 256);
    for (const { now, effects } of this.#journal.load(this.path)) model.take(effects, now);
    this.#written = this.#journal.size;
    return model;
  }

  #compact(): void {
    if (this.#isReadOnly || this.#journal.size < Math.max(smallest, times * this.#written)) return;
    try {
      this.#journal.replace(lines(this.model));
      this.#written = this.#journal.size;
    } catch (error) {
      // It goes on being longer than it has to be.
      if (systemCode(error) === undefined) throw error;
      this.#written = this.#journal.size;
    }
  }

  #write(model: Model): void {
    try {
      this.#journal.replace(lines(model));
    } catch (error) {
      // What is given up makes room: there is always enough to write down that there are no changes.
      if (!model.isEmpty() || !['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error;
      this.#journal.replace([]);
    }
    this.#written = this.#journal.size;
  }

  #drop(freed: readonly { id: number; hasData: boolean }[]): void {
    for (const { id, hasData } of freed) if (hasData) this.contents.remove(id);
  }
}

function* lines(model: Model) {
  if (model.isEmpty() && model.known.size === 0) return;
  let effects: Effect[] = [];
  for (const effect of model.effects()) {
    if (effects.push(effect) < perLine) continue;
    yield { now: 0n, effects };
    effects = [];
  }
  if (effects.length > 0) yield { now: 0n, effects };
}

function makePrivate(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
