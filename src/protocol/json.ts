import { violation } from './violation.ts';

/** No message of the protocol comes near these, except the state of many services. */
export const maxJsonBytes = 65_536;
export const maxJsonDepth = 16;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads a payload that should be a JSON object. Throws GUEST_PROTOCOL for anything else. */
export function parseObject(payload: Buffer, what: string, limit = maxJsonBytes): Record<string, unknown> {
  if (payload.length > limit)
    throw violation('json', `${what} has ${payload.length} bytes of JSON, more than ${limit}`);
  let value: unknown;
  try {
    const text = decoder.decode(payload);
    checkDepth(text, what);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw violation('json', `${what} is not JSON in UTF-8`);
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw violation('json', `${what} is not a JSON object`);
  return value as Record<string, unknown>;
}

function checkDepth(text: string, what: string): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{' || c === '[') {
      if (++depth > maxJsonDepth) throw violation('json', `${what} is nested deeper than ${maxJsonDepth}`);
    } else if (c === '}' || c === ']') depth--;
  }
}
