/** A line of a git configuration. */
export interface ConfigEntry {
  /** As git writes it, without case but in the part between: `remote.Origin.url`. */
  key: string;
  section: string;
  subsection: string | undefined;
  name: string;
  /** undefined for a key alone, which means true. */
  value: string | undefined;
}

const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\n';
const isKeyChar = (char: string): boolean => /^[A-Za-z0-9-]$/.test(char);

/**
 * Reads a configuration as git does (config.c, git_parse_source). Returns undefined where git would not read it to its end, and
 * where versions of git differ: carriage returns and NUL bytes.
 *
 * @param text latin1
 */
export function parseGitConfig(text: string): ConfigEntry[] | undefined {
  if (/[\r\0]/.test(text)) return undefined;
  return new Reader(text.startsWith('\xef\xbb\xbf') ? text.slice(3) : text).read();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #section = '';
  #subsection: string | undefined;
  #hasSection = false;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ConfigEntry[] | undefined {
    const entries: ConfigEntry[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#next();
      if (isSpace(char)) continue;
      if (char === '#' || char === ';') this.#skipLine();
      else if (char === '[') {
        if (!this.#readSection()) return undefined;
      } else {
        if (!/^[A-Za-z]$/.test(char) || !this.#hasSection) return undefined;
        const entry = this.#readEntry(char);
        if (entry === undefined) return undefined;
        entries.push(entry);
      }
    }
    return entries;
  }

  /** The end of the text is the end of a line. */
  #next(): string {
    return this.#text[this.#at++] ?? '\n';
  }

  #skipLine(): void {
    while (this.#next() !== '\n');
  }

  #readSection(): boolean {
    let name = '';
    this.#subsection = undefined;
    for (;;) {
      if (this.#at >= this.#text.length) return false;
      const char = this.#next();
      if (char === ']') break;
      if (isSpace(char)) {
        if (char === '\n' || !this.#readSubsection()) return false;
        break;
      }
      if (!isKeyChar(char) && char !== '.') return false;
      name += char.toLowerCase();
    }
    // `[a.b]` is an old way to write `[a "b"]`.
    const dot = name.indexOf('.');
    if (dot >= 0) {
      const old = name.slice(dot + 1);
      this.#subsection = this.#subsection === undefined ? old : `${old}.${this.#subsection}`;
      name = name.slice(0, dot);
    }
    this.#section = name;
    this.#hasSection = true;
    return true;
  }

  #readSubsection(): boolean {
    let char = this.#next();
    while (char === ' ' || char === '\t') char = this.#next();
    if (char !== '"') return false;
    let name = '';
    for (;;) {
      char = this.#next();
      if (char === '\n') return false;
      if (char === '"') break;
      if (char === '\\') {
        char = this.#next();
        if (char === '\n') return false;
      }
      name += char;
    }
    this.#subsection = name;
    return this.#next() === ']';
  }

  #readEntry(first: string): ConfigEntry | undefined {
    let name = first.toLowerCase();
    let char = this.#next();
    for (; isKeyChar(char); char = this.#next()) name += char.toLowerCase();
    while (char === ' ' || char === '\t') char = this.#next();
    let value: string | undefined;
    if (char !== '\n') {
      value = char === '=' ? this.#readValue() : undefined;
      if (value === undefined) return undefined;
    }
    const [section, subsection] = [this.#section, this.#subsection];
    const key = [section, ...(subsection === undefined ? [] : [subsection]), name].join('.');
    return { key, section, subsection, name, value };
  }

  #readValue(): string | undefined {
    let [value, spaces, isQuoted] = ['', 0, false];
    for (;;) {
      let char = this.#next();
      if (char === '\n') return isQuoted ? undefined : value;
      if (!isQuoted) {
        if (isSpace(char)) {
          if (value !== '') spaces++;
          continue;
        }
        if (char === '#' || char === ';') {
          this.#skipLine();
          return value;
        }
      }
      value += ' '.repeat(spaces);
      spaces = 0;
      if (char === '"') isQuoted = !isQuoted;
      else if (char !== '\\') value += char;
      else {
        char = this.#next();
        if (char === '\n') continue;
        const meant = { t: '\t', b: '\b', n: '\n', '\\': '\\', '"': '"' }[char];
        if (meant === undefined) return undefined;
        value += meant;
      }
    }
  }
}
