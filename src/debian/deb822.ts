/** One stanza of a control file; field names in lower case, continuation lines joined by newlines. */
export type Stanza = Map<string, string>;

/**
 * Reads one stanza (deb-control(5), RFC 822 style). Lines that start with `#` are comments; a line without a
 * colon is ignored, because apt ignores it too. Of a field given twice the last one counts.
 */
export function parseStanza(text: string): Stanza {
  const fields: Stanza = new Map();
  let field: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (field !== undefined) fields.set(field, `${fields.get(field)}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    field = undefined;
    if (colon <= 0) continue;
    field = line.slice(0, colon).trim().toLowerCase();
    fields.set(field, line.slice(colon + 1).trim());
  }
  return fields;
}

/** All stanzas of a text; stanzas are separated by lines that are empty or hold only white space. */
export function parseStanzas(text: string): Stanza[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n(?:[ \t]*\n)+/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);
}

/** The words of a field that lists names, over all its lines. */
export function words(value: string | undefined): string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '' && word !== '.');
}
