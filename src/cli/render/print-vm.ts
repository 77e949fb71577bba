import { statSync } from 'node:fs';
import { vcpusInWords } from '../../config/amount.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { ServiceState } from '../../guest/services/services.ts';
import { unitsOf } from '../../guest/services/units.ts';
import { conditionOf } from '../../vm/condition/condition.ts';
import { kinds } from '../../vm/state/kind.ts';
import { isRunning, type Vm } from '../../vm/state/vm.ts';
import { servicesOf } from '../arguments/find-service.ts';
import { type Context, print } from '../context.ts';
import { describeVm, type VmDescription } from './describe-vm.ts';
import { facts as lines } from './facts.ts';
import { bytes, duration, memory } from './format.ts';
import { terminalColumns } from './table.ts';

/** Bytes that a file occupies, which is less than its length where it is sparse; undefined where it is absent. */
function occupied(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && found.blocks * 512;
}

/** The facts of one VM for a person. */
export async function printVm(context: Context, vm: Vm): Promise<void> {
  const condition = await conditionOf(vm, context.signal);
  const facts = describeVm(vm, condition);
  const disk = occupied(vm.paths.disk);
  const up = facts.startedAt === null ? '' : ` for ${duration(Date.now() - Date.parse(facts.startedAt))}`;
  const rows: [string, string][] = [
    ['name', facts.kind === null ? facts.name : `${facts.name} (${kinds[facts.kind].words})`],
    ['status', statusInWords(facts, up)],
    [
      'machine',
      `${facts.arch ?? '?'}, ${facts.vcpus === null ? '?' : vcpusInWords(facts.vcpus)}, ${facts.memoryMib === null ? '?' : memory(facts.memoryMib)}`,
    ],
  ];
  if (facts.image !== null) {
    const door = facts.sealed === true ? 'sealed' : 'accessible';
    rows.push(['image', `${facts.image} (entrypoint ${facts.entrypoint}, ${door})`]);
  }
  if (facts.accelerator !== null) rows.push(['runs on', `QEMU, ${facts.accelerator}, process ${facts.pid}`]);
  const sources = Object.entries(facts.sources).map(([name, source]) => `${name}: ${source}`);
  if (sources.length > 0) rows.push(['set by', sources.join(', ')]);
  rows.push(['project', facts.project ?? '-']);
  for (const [i, { address, hostPort, guestPort }] of facts.ports.entries())
    rows.push([i === 0 ? 'ports' : '', `${address}:${hostPort} to port ${guestPort}`]);
  if (disk !== undefined) rows.push(['disk', `${vm.paths.disk} (${bytes(disk)} used)`]);
  rows.push(['console log', vm.paths.consoleLog]);
  if (condition.hint !== undefined) rows.push(['what helps', condition.hint]);
  if (isRunning(vm) && condition.reason === undefined) {
    try {
      rows.push(...serviceRows(await servicesOf(context, vm)));
    } catch (error) {
      if (!(error instanceof MvmError) || context.signal.aborted) throw error;
      // A guest that does not answer is part of the picture.
      rows.push(['services', error.message]);
    }
  }
  await print(context, lines(rows, { columns: terminalColumns(context.stdout) }));
}

function statusInWords({ status, problem, reason, since }: VmDescription, up: string): string {
  if (problem !== null) return `${status}: ${problem}`;
  if (reason === null || since === null) return `${status}${up}`;
  return `${status} for ${duration(Date.now() - Date.parse(since))}: ${reason}`;
}

function serviceRows(state: ServiceState): [string, string][] {
  const because = (message: string) => (message === '' ? '' : `: ${message}`);
  const rows: [string, string][] = [
    ...unitsOf(state).map(({ name, state: now, message, preset, user }): [string, string] => [
      'services',
      `${name}${preset === null ? '' : ` (preset ${preset})`}, as ${user}: ${now}${because(message)}`,
    ]),
    ...state.healthChecks.map(({ name, state: now, message }): [string, string] => [
      'health',
      `${name}: ${now}${because(message)}`,
    ]),
  ];
  return rows.map(([head, text], i) => [head === rows[i - 1]?.[0] ? '' : head, text]);
}
