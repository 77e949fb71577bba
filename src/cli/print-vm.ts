import { statSync } from 'node:fs';
import type { Vm } from '../vm/vm.ts';
import { type Context, print } from './context.ts';
import { describeVm } from './describe-vm.ts';
import { bytes, duration, memory } from './render/format.ts';

/** Bytes that a file occupies, which is less than its length where it is sparse; undefined where it is absent. */
function occupied(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && found.blocks * 512;
}

/** The facts of one VM for a person. */
export async function printVm(context: Context, vm: Vm): Promise<void> {
  const facts = describeVm(vm);
  const disk = occupied(vm.paths.disk);
  const up = facts.startedAt === null ? '' : ` for ${duration(Date.now() - Date.parse(facts.startedAt))}`;
  const rows: [string, string][] = [
    ['name', facts.name],
    ['status', facts.problem === null ? `${facts.status}${up}` : `${facts.status}: ${facts.problem}`],
    [
      'machine',
      `${facts.arch ?? '?'}, ${facts.vcpus ?? '?'} vCPUs, ${facts.memoryMib === null ? '?' : memory(facts.memoryMib)}`,
    ],
  ];
  if (facts.accelerator !== null) rows.push(['runs on', `QEMU, ${facts.accelerator}, process ${facts.pid}`]);
  const sources = Object.entries(facts.sources).map(([name, source]) => `${name}: ${source}`);
  if (sources.length > 0) rows.push(['set by', sources.join(', ')]);
  rows.push(['project', facts.project ?? '-']);
  if (disk !== undefined) rows.push(['disk', `${vm.paths.disk} (${bytes(disk)} used)`]);
  rows.push(['console log', vm.paths.consoleLog]);
  await print(context, rows.map(([name, value]) => `${name.padEnd(12)} ${value}`).join('\n'));
}
