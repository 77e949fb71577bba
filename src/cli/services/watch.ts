import { styleText } from 'node:util';
import type { ServiceState, Unit } from '../../guest/services/services.ts';
import { unitsOf } from '../../guest/services/units.ts';
import type { Context } from '../context.ts';
import { wantsColor } from '../render/progress.ts';
import { openScreen } from '../render/screen.ts';
import { serviceTable } from '../render/service-table.ts';
import { terminalColumns } from '../render/table.ts';

/** The table as this terminal shows it. */
export function showServices({ stdout, env }: Context, state: ServiceState): string {
  const color = wantsColor(stdout, env);
  return serviceTable(state, {
    columns: terminalColumns(stdout),
    mark: (text) => (color ? styleText('yellow', text, { validateStream: false }) : text),
  });
}

/** Shows the state on a screen of its own, which is left at the end; the last state stays on the usual one. */
export async function watchOnScreen(context: Context, states: AsyncIterable<ServiceState>): Promise<void> {
  let last: { state: ServiceState; at: number } | undefined;
  const screen = openScreen(context.stdout, () =>
    last === undefined ? '' : showServices(context, later(last.state, Date.now() - last.at)),
  );
  const clock = setInterval(screen.draw, 1000);
  try {
    for await (const state of states) {
      last = { state, at: Date.now() };
      screen.draw();
    }
  } finally {
    clearInterval(clock);
    screen.close(last === undefined ? '' : showServices(context, last.state));
  }
}

/** For a pipe: a line for each service at first, and for each change of one. */
export async function watchAsLines(context: Context, states: AsyncIterable<ServiceState>): Promise<void> {
  const told = new Map<string, string>();
  for await (const state of states) {
    for (const unit of unitsOf(state)) {
      const text = describe(unit);
      if (told.get(unit.name) === text) continue;
      told.set(unit.name, text);
      context.stdout.write(`${new Date().toISOString()} ${unit.name} ${text}\n`);
    }
  }
}

/** A state a line. */
export async function watchAsJson(context: Context, states: AsyncIterable<ServiceState>): Promise<void> {
  for await (const state of states) context.stdout.write(`${JSON.stringify(state)}\n`);
}

function describe({ state, pid, message }: Unit): string {
  return [state, pid === null ? '' : `(process ${pid})`, message].filter((part) => part !== '').join(' ');
}

/** The same state some milliseconds later, with its timers advanced. */
function later(state: ServiceState, ms: number): ServiceState {
  const unit = <U extends Unit | null>(u: U): U =>
    u === null || u.uptimeMs === null ? u : { ...u, uptimeMs: u.uptimeMs + ms };
  return {
    entrypoint: unit(state.entrypoint),
    services: state.services.map(unit),
    healthChecks: state.healthChecks.map((check) => ({
      ...check,
      ageMs: check.ageMs === null ? null : check.ageMs + ms,
    })),
  };
}
