import type { Unit } from './services.ts';

/** A service that is ready, for 12 seconds. */
export const unit = (name: string, more: Partial<Unit> = {}): Unit => ({
  name,
  state: 'ready',
  pid: 60,
  restarts: 0,
  uptimeMs: 12_000,
  status: null,
  signal: null,
  message: '',
  preset: null,
  user: 'app',
  ...more,
});
