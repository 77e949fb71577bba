import { describe, expect, it } from 'vitest';
import type { HealthCheck, ServiceState, Unit } from '../../guest/services/services.ts';
import { unit } from '../../guest/services/unit.fixture.ts';
import { serviceTable } from './service-table.ts';

const check = (name: string, more: Partial<HealthCheck> = {}): HealthCheck => ({
  name,
  state: 'healthy',
  failures: 0,
  message: '',
  ageMs: 3000,
  ...more,
});
const state = (services: Unit[], healthChecks: HealthCheck[] = [], entrypoint: Unit | null = null) =>
  ({ entrypoint, services, healthChecks }) satisfies ServiceState;

describe('serviceTable', () => {
  it('shows what runs, whether it is ready and well, and what is wrong under it', () => {
    const text = serviceTable(
      state(
        [
          unit('redis'),
          unit('web', { state: 'running', pid: 61, message: 'is not ready after 60 s: port 80: refused' }),
          unit('worker', {
            state: 'backoff',
            pid: null,
            uptimeMs: null,
            restarts: 3,
            message: 'ended with status 1 after 20 ms; it will be restarted in 800 ms',
          }),
        ],
        [
          check('redis', { state: 'unhealthy', failures: 4, message: 'status 1' }),
          check('disk', { ageMs: null, state: 'unknown' }),
        ],
        unit('entrypoint', { state: 'waiting', pid: null, uptimeMs: null, message: 'waits for web' }),
      ),
    );
    expect(text.split('\n')).toEqual([
      'NAME        STATE    PID  RESTARTS  UP    READY  HEALTH',
      'redis       running  60   0         12 s  yes    unhealthy',
      '  health check failed 4 times in a row: status 1',
      'web         running  61   0         12 s  no     -',
      '  is not ready after 60 s: port 80: refused',
      'worker      backoff  -    3         -     -      -',
      '  ended with status 1 after 20 ms; it will be restarted in 800 ms',
      'entrypoint  waiting  -    0         -     -      -',
      '  waits for web',
      '',
      'CHECK  STATE    FAILURES  LAST',
      'disk   unknown  0         -',
    ]);
  });

  it('marks what is wrong, and not what only takes its time', () => {
    const mark = (text: string) => `<${text}>`;
    const text = serviceTable(
      state([
        unit('a', { state: 'failed', message: 'broken' }),
        unit('b', { state: 'waiting', message: 'waits for c' }),
        unit('c', { state: 'stopped', message: 'ended with status 0 after 1 s' }),
      ]),
      { mark },
    );
    expect(text).toContain('<  broken>');
    expect(text).toContain('\n  waits for c\n');
    expect(text).toContain('\n  ended with status 0 after 1 s');
  });

  it.each([40, 60, 100])('fits a terminal of %i columns', (columns) => {
    const long = 'a-service-with-a-name-that-nobody-would-type-twice';
    const text = serviceTable(state([unit(long, { message: 'word '.repeat(40).trim() })], [check(long)]), {
      columns,
    });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(text).toContain('a-servi');
    if (columns >= 60) expect(text).toContain('healthy');
  });

  it('is empty where there is nothing', () => {
    expect(serviceTable(state([]))).toBe('');
  });
});
