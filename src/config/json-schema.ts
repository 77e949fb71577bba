import type * as v from 'valibot';

/** As much of JSON Schema (2020-12) as configuration files need. */
export interface JsonSchema {
  type?: string;
  enum?: readonly unknown[];
  items?: JsonSchema;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  anyOf?: JsonSchema[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
  propertyNames?: JsonSchema;
}

interface Part {
  kind: string;
  type: string;
  requirement?: unknown;
  description?: unknown;
  pipe?: readonly Part[];
  wrapped?: Part;
  options?: readonly Part[];
  entries?: Readonly<Record<string, Part>>;
  item?: Part;
  key?: Part;
  value?: Part;
}

/**
 * The JSON Schema of a valibot schema made of strict objects with optional keys, records, arrays, unions,
 * choices, strings and numbers. Throws for any other, so that a new kind of setting can't be left out of the published schema.
 */
export function jsonSchema(schema: v.GenericSchema): JsonSchema {
  return convert(schema as unknown as Part);
}

function convert(part: Part): JsonSchema {
  if (part.pipe !== undefined)
    return Object.assign(
      {},
      ...part.pipe.map((step) => (step.pipe === undefined ? convertOne(step) : convert(step))),
    );
  return convertOne(part);
}

function convertOne(part: Part): JsonSchema {
  switch (part.type) {
    case 'optional':
      return convert(part.wrapped as Part);
    case 'strict_object': {
      const entries = Object.entries(part.entries ?? {}).map(([name, entry]) => [name, convert(entry)]);
      return { type: 'object', additionalProperties: false, properties: Object.fromEntries(entries) };
    }
    case 'record':
      return {
        type: 'object',
        propertyNames: convert(part.key as Part),
        additionalProperties: convert(part.value as Part),
      };
    case 'array':
      return { type: 'array', items: convert(part.item as Part) };
    case 'picklist':
      return { enum: part.options as unknown as readonly unknown[] };
    case 'string':
    case 'number':
    case 'boolean':
      return { type: part.type };
    case 'integer':
      return { type: 'integer' };
    case 'union':
      return { anyOf: (part.options ?? []).map(convert) };
    // What no pattern says; mvmctl says it.
    case 'check':
      return {};
    case 'min_value':
      return { minimum: part.requirement as number };
    case 'max_value':
      return { maximum: part.requirement as number };
    case 'non_empty':
      return { minLength: 1 };
    case 'regex':
      return { pattern: (part.requirement as RegExp).source };
    case 'description':
      return { description: part.description as string };
    default:
      throw new Error(`no JSON Schema for ${part.kind} ${part.type}`);
  }
}
