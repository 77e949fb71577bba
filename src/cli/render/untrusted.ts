/** Control characters but newline and tab, and those that turn the direction of text or begin a line of their own. */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
  /\u001b\[[0-9;:?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const color = /^\u001b\[[0-9;:]*m$/;
const noColor = '\u001b[0m';

/** What stands for something unsafe: sequences and returns go, the rest becomes visible. */
const instead = (found: string): string => (found.length > 1 || found === '\r' ? '' : '·');

/** Makes text of guests and files harmless to a terminal: control characters become visible. Newlines stay. */
export function harmless(text: string): string {
  return text.replace(unsafe, instead);
}

/** As `harmless`, for what has to stay one line: a name in an image can't make a line that looks like ours. */
export function oneLine(text: string): string {
  return harmless(text).replaceAll('\n', '·');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** As `oneLine`, but so that one can tell what it was: for a path of the host, as the shell's `$'…'` writes it. */
export function escaped(text: string): string {
  return text.replace(control, (found) => {
    const code = found.charCodeAt(0);
    return names[found] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

/** A line of a guest's log for a terminal: as `oneLine`, but where `colors` are wanted they stay, and end with the line. */
export function logLine(text: string, colors: boolean): string {
  if (!text.includes('\u001b')) return oneLine(text);
  let colored = false;
  const line = text.replace(unsafe, (found) => {
    if (!colors || !color.test(found)) return instead(found);
    colored = true;
    return found;
  });
  return `${line.replaceAll('\n', '·')}${colored ? noColor : ''}`;
}
