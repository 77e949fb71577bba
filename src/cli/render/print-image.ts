import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vcpusInWords } from '../../config/amount.ts';
import { digestOfImageJson } from '../../image/digest.ts';
import { loadImage } from '../../image/load-image.ts';
import { type Context, print, printJson } from '../context.ts';
import { facts } from './facts.ts';
import { bytes, memory } from './format.ts';
import { terminalColumns } from './table.ts';
import { oneLine } from './untrusted.ts';

/** What an image says of itself: all of its image.json. Throws IMAGE_INVALID. */
export async function printImage(context: Context, dir: string, json: boolean): Promise<void> {
  const { spec } = await loadImage(dir);
  const text = await readFile(join(dir, 'image.json'), 'utf8');
  const digest = digestOfImageJson(text);
  // Newer images say more of themselves than this mvmctl knows of.
  const all = JSON.parse(text) as Record<string, unknown>;
  if (json) {
    await printJson(context, { path: dir, digest, ...all });
    return;
  }
  const size = Object.values(spec.files).reduce((sum, file) => sum + file.size, 0);
  const rows: [string, string][] = [
    ['image', oneLine(spec.name)],
    ['digest', digest],
    ['path', `${dir} (${bytes(size)})`],
    ['system', spec.system],
    [
      'entrypoint',
      `${spec.entrypointKind}, ${spec.sealed ? 'sealed' : spec.accessible ? 'accessible' : 'not accessible'}`,
    ],
    ['machine', `${vcpusInWords(spec.vcpus)}, ${memory(spec.memoryMib)}`],
  ];
  if (spec.ports.length > 0) rows.push(['ports', spec.ports.join(', ')]);
  if (Array.isArray(all.volumes) && all.volumes.length > 0) rows.push(['volumes', value(all.volumes)]);
  const columns = terminalColumns(context.stdout);
  const lines = [facts(rows, { columns })];
  for (const [name, service] of Object.entries(spec.services))
    lines.push(section('service', name, service, columns));
  for (const [name, check] of Object.entries((all.healthChecks ?? {}) as Record<string, object>))
    lines.push(section('health check', name, check, columns));
  await print(context, lines.join('\n\n'));
}

/** The fields of a service that say something, and which of them its preset gave. */
function section(what: string, name: string, fields: object, columns: number | undefined): string {
  const { preset, presetFields, ...own } = fields as Record<string, unknown>;
  const fromPreset = new Set(Array.isArray(presetFields) ? presetFields : []);
  const rows = Object.entries(own)
    .filter(([, field]) => !isEmpty(field))
    .map(
      ([field, given]) =>
        [`  ${oneLine(field)}`, `${value(given)}${fromPreset.has(field) ? '   (preset)' : ''}`] as const,
    );
  const title = `${what} ${oneLine(name)}${typeof preset === 'string' ? ` (preset ${oneLine(preset)})` : ''}`;
  return [title, facts(rows, { width: 18, columns })].join('\n');
}

function isEmpty(field: unknown): boolean {
  return (
    field === null ||
    field === '' ||
    (typeof field === 'object' && Object.values(field).every((inner) => inner === null))
  );
}

/** A list of arguments as a shell would take it; what is more than that as JSON. */
function value(field: unknown): string {
  if (typeof field === 'string') return oneLine(field);
  if (Array.isArray(field) && field.every((word) => typeof word === 'string'))
    return field
      .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : oneLine(`'${word.replaceAll("'", "'\\''")}'`)))
      .join(' ');
  return oneLine(JSON.stringify(field, (_, inner) => inner ?? undefined));
}
