import type { HealthCheck, ServiceState, Unit } from '../../guest/services/services.ts';
import { unitsOf } from '../../guest/services/units.ts';
import { duration, fold } from './format.ts';
import { table } from './table.ts';

/** Longer names are cut where they would push the rest out of a terminal. */
const longestName = 24;
const shortestName = 8;

/** Units whose process is there. */
const runs: ReadonlySet<Unit['state']> = new Set(['running', 'ready', 'stopping']);

/** What is wrong with a unit or a check, or what it waits for: lines under it. */
export interface TableOptions {
  /** Width of the terminal, where there is one. */
  columns?: number | undefined;
  /** Makes what is wrong stand out. */
  mark?: (text: string) => string;
}

/** All services, the entrypoint's program and the health checks that stand alone, for a person. */
export function serviceTable(state: ServiceState, options: TableOptions = {}): string {
  const units = unitsOf(state);
  const checks = new Map(state.healthChecks.map((check) => [check.name, check]));
  const alone = state.healthChecks.filter(({ name }) => !units.some((unit) => unit.name === name));
  const parts: string[] = [];
  if (units.length > 0) {
    const rows = units.map((unit) => ({
      cells: unitCells(unit, checks.get(unit.name)),
      below: [...unitMessage(unit), ...checkMessage(checks.get(unit.name))],
    }));
    parts.push(withLines(['name', 'state', 'pid', 'restarts', 'up', 'ready', 'health'], rows, options));
  }
  if (alone.length > 0) {
    const rows = alone.map((check) => ({ cells: checkCells(check), below: checkMessage(check) }));
    parts.push(withLines(['check', 'state', 'failures', 'last'], rows, options));
  }
  return parts.join('\n\n');
}

function unitCells(unit: Unit, check: HealthCheck | undefined): string[] {
  const { name, state, pid, restarts, uptimeMs } = unit;
  return [
    name,
    state === 'ready' ? 'running' : state,
    pid === null ? '-' : String(pid),
    String(restarts),
    uptimeMs === null ? '-' : duration(uptimeMs),
    runs.has(state) ? (state === 'ready' ? 'yes' : 'no') : '-',
    check?.state ?? '-',
  ];
}

function checkCells({ name, state, failures, ageMs }: HealthCheck): string[] {
  return [name, state, String(failures), ageMs === null ? '-' : `${duration(ageMs)} ago`];
}

interface Line {
  text: string;
  wrong: boolean;
}

function unitMessage({ message, state }: Unit): Line[] {
  if (message === '') return [];
  return [{ text: message, wrong: state !== 'waiting' && state !== 'starting' && state !== 'stopped' }];
}

function checkMessage(check: HealthCheck | undefined): Line[] {
  if (check === undefined || check.message === '' || check.failures === 0) return [];
  const times = check.failures === 1 ? 'failed once' : `failed ${check.failures} times in a row`;
  return [{ text: `health check ${times}: ${check.message}`, wrong: check.state === 'unhealthy' }];
}

/** A table whose rows have lines of their own below them. Where it is too wide, names get shorter and processes go. */
function withLines(
  headers: string[],
  rows: { cells: string[]; below: Line[] }[],
  { columns = Number.POSITIVE_INFINITY, mark = (text) => text }: TableOptions,
): string {
  let cells = rows.map((row) => row.cells);
  const excess = () =>
    Math.max(
      ...table(headers, cells)
        .split('\n')
        .map(({ length }) => length),
    ) - columns;
  const shorten = (most: number) => {
    cells = cells.map(([name = '', ...more]) => [cut(name, most), ...more]);
  };
  if (excess() > 0) shorten(longestName);
  const pid = headers.indexOf('pid');
  if (excess() > 0 && pid >= 0) {
    headers.splice(pid, 1);
    cells = cells.map((row) => row.toSpliced(pid, 1));
  }
  const rest = excess();
  if (rest > 0) {
    const longest = Math.max(...cells.map(([name = '']) => name.length));
    shorten(Math.max(shortestName, longest - rest));
  }
  const [head = '', ...lines] = table(headers, cells, columns).split('\n');
  const below = ({ text, wrong }: Line) => {
    const folded = `  ${fold(text, columns - 2)}`;
    return wrong ? mark(folded) : folded;
  };
  return [head, ...lines.flatMap((line, i) => [line, ...(rows[i]?.below.map(below) ?? [])])].join('\n');
}

function cut(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
