import { once } from 'node:events';
import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import type { LogEntry } from '../../guest/services/logs.ts';
import type { RunningVm, Vm } from '../../vm/state/vm.ts';
import { withService } from '../arguments/find-service.ts';
import type { Context } from '../context.ts';
import { wantsColor } from '../render/progress.ts';
import { logLine } from '../render/untrusted.ts';
import { untilStopped } from './until-stopped.ts';

export interface ServiceLogOptions {
  /** None: of all. */
  service: string | undefined;
  follow?: boolean;
  since?: number;
  tail?: number;
  timestamps?: boolean;
  json?: boolean;
}

/**
 * Prints the logs of services. A terminal gets nothing that could drive it; anything else gets the bytes that the
 * programs wrote. Throws SERVICE_NOT_FOUND, and what `readLogs` throws.
 */
export async function printServiceLogs(
  context: Context,
  vm: RunningVm,
  options: ServiceLogOptions,
): Promise<void> {
  const { guestAccess } = await import('../../vm/condition/guest.ts');
  const { readLogs } = await import('../../guest/services/logs.ts');
  const guest = guestAccess(vm, context.emit);
  const { stdout, signal } = context;
  const { service, follow = false, since, tail } = options;
  const format = formatter(context, options);
  const read = async () => {
    const onGap = (name: string, lines: number) => {
      const text = `${lines} lines of ${name} were dropped: they came faster than they could be read.`;
      context.emit({ type: 'note', level: 'warn', text });
    };
    const query = { service, follow, sinceUnixMs: since, tail, signal, onGap };
    const { dropped } = await readLogs(guest, query, async (entries) => {
      if (!stdout.write(Buffer.concat(entries.map(format)))) await once(stdout, 'drain', { signal });
    });
    if (!follow && dropped > 0 && since === undefined && tail === undefined) {
      const text = `${dropped} older lines are no longer kept; log.max_mib limits the size of a service's log.`;
      context.emit({ type: 'note', level: 'info', text });
    }
  };
  const named = () => (service === undefined ? read() : withService(context, vm, service, read));
  context.endProgress();
  await (follow ? untilStopped(context, vm, named) : named());
}

/**
 * Prints what the services of a stopped VM wrote before it was stopped. False where nothing of that is kept.
 * @throws MvmError SERVICE_NOT_FOUND, VM_BROKEN
 */
export async function printKeptLogs(context: Context, vm: Vm, options: ServiceLogOptions): Promise<boolean> {
  const { readKeptLogs } = await import('../../vm/state/kept-logs.ts');
  const { service, since, tail } = options;
  const kept = await readKeptLogs(vm.paths.serviceLogs, { service, sinceUnixMs: since, tail });
  if (kept === undefined) return false;
  if (service !== undefined && !kept.services.has(service)) {
    const meant = nearest(service, [...kept.services]);
    throw new MvmError(
      'SERVICE_NOT_FOUND',
      `VM '${vm.name}' is stopped, and no log of '${service}' was kept.`,
      {
        hint: `mvmctl logs ${vm.name} ${meant ?? '--all'}`,
      },
    );
  }
  const whose = service === undefined ? 'its services' : `'${service}'`;
  const when = kept.at.toISOString().replace('T', ' ').slice(0, 16);
  const text = `${vm.name} is stopped. This is what ${whose} wrote until then (${when} UTC):`;
  context.emit({ type: 'note', level: 'info', text });
  context.endProgress();
  const format = formatter(context, options);
  for (let at = 0; at < kept.entries.length; at += batch) {
    const bytes = Buffer.concat(kept.entries.slice(at, at + batch).map(format));
    if (!context.stdout.write(bytes)) await once(context.stdout, 'drain', { signal: context.signal });
  }
  return true;
}

/** So many lines are written at once. */
const batch = 500;
const newline = Buffer.from('\n');

function formatter(context: Context, options: ServiceLogOptions): (entry: LogEntry) => Buffer {
  const { stdout, env } = context;
  if (options.json === true)
    return (entry) => Buffer.from(`${JSON.stringify({ ...entry, text: entry.text.toString() })}\n`);
  const colors = wantsColor(stdout, env);
  return ({ time, service, text }) => {
    const head = `${options.timestamps === true ? `${time} ` : ''}${options.service === undefined ? `${service} | ` : ''}`;
    return Buffer.concat([
      Buffer.from(head),
      stdout.isTTY ? Buffer.from(logLine(text.toString(), colors)) : text,
      newline,
    ]);
  };
}
