/** A text as a shell takes it as one word, for commands in hints. A word that begins with a dash is still an option. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
