import * as v from 'valibot';

const maxText = 2000;
const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Text of the guest that may end on the user's terminal: control characters become spaces (they could
 * drive the terminal), and it is cut at 2,000 characters.
 */
export const text = v.pipe(
  v.string(),
  v.transform((s) => s.slice(0, maxText).replace(control, ' ').trim()),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one
const sequence = /\u001b\[[0-9;:?]*[A-Za-z]/g;

/** Like `text`, but with newlines, and up to 8,000 characters: it may contain the end of a log, including colours. */
const lines = v.pipe(
  v.string(),
  v.transform((s) =>
    s
      .slice(0, 4 * maxText)
      .split('\n')
      .map((line) => line.replace(sequence, '').replace(control, ' ').trimEnd())
      .join('\n')
      .trim(),
  ),
);

export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const stage = v.picklist(['modules', 'disk', 'root', 'network', 'entrypoint']);

export const welcome = v.object({
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  agent: text,
  ops: v.pipe(v.array(text), v.maxLength(64)),
});

const signalName = v.pipe(v.string(), v.regex(/^[A-Z0-9+-]{0,16}$/));

/** A service or the entrypoint as the guest says it is. */
const unit = v.object({
  name: text,
  state: v.picklist(['waiting', 'starting', 'running', 'ready', 'backoff', 'stopping', 'stopped', 'failed']),
  pid: v.nullable(count),
  restarts: count,
  uptimeMs: v.nullable(count),
  status: v.nullable(count),
  signal: v.nullable(signalName),
  message: text,
  preset: v.nullable(text),
  user: text,
});

const healthCheck = v.object({
  name: text,
  state: v.picklist(['unknown', 'healthy', 'unhealthy']),
  failures: count,
  message: text,
  ageMs: v.nullable(count),
});

const serviceState = v.object({
  entrypoint: v.nullable(unit),
  services: v.pipe(v.array(unit), v.maxLength(1000)),
  healthChecks: v.pipe(v.array(healthCheck), v.maxLength(1000)),
});

/** The fields of STARTED, by operation. */
export const started = {
  boot: v.object({}),
  exec: v.object({ pid: count }),
  console: v.object({ session: count, created: v.boolean(), attached: count }),
  info: v.object({}),
  shutdown: v.object({ withinMs: v.optional(count, 0) }),
  services: v.object({}),
  logs: v.object({}),
  entrypoint: v.object({ pid: v.nullable(count) }),
  service: v.object({}),
  streams: v.object({ maxStreams: v.pipe(count, v.minValue(1)) }),
  copy: v.object({ path: text, kind: v.picklist(['folder', 'file', 'link', '']), size: count }),
  ssh: v.object({ present: v.boolean() }),
};

const bootEvent = v.variant('event', [
  v.object({ event: v.literal('stage'), stage, uptimeMs: count }),
  v.object({ event: v.literal('ready'), uptimeMs: count }),
  v.object({ event: v.literal('failed'), stage: text, message: text, uptimeMs: count }),
]);

/** The fields of EVENT, of the operations that have one. */
export const event = { boot: bootEvent, services: serviceState };

export const notice = v.object({
  /** TCP ports. */
  listeners: v.pipe(v.array(v.pipe(count, v.minValue(1), v.maxValue(65_535))), v.maxLength(256)),
  /** Processes of the operation, which is about to end, run on. */
  left: v.optional(v.boolean(), false),
});

export const exit = v.object({
  status: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  signal: v.optional(signalName),
});

export const error = v.object({ code: text, message: lines, hint: v.optional(text) });

/** The fields of RESULT, by operation. */
export const result = {
  boot: v.object({}),
  services: serviceState,
  logs: v.object({ dropped: count }),
  entrypoint: v.object({}),
  service: unit,
  exec: v.object({}),
  console: v.object({}),
  info: v.object({
    uptimeMs: count,
    agent: text,
    agentRssKib: count,
    memoryTotalKib: count,
    memoryAvailableKib: count,
    hostname: text,
    sessions: v.pipe(v.array(v.object({ session: count, attached: count, pid: count })), v.maxLength(1000)),
    cpuBusyMs: v.optional(count),
    receivedBytes: v.optional(count),
    sentBytes: v.optional(count),
  }),
  shutdown: v.object({}),
  streams: v.object({}),
  copy: v.object({ files: count, bytes: count }),
  ssh: v.object({}),
};

export type Notice = v.InferOutput<typeof notice>;
export type Welcome = v.InferOutput<typeof welcome>;
export type BootStage = v.InferOutput<typeof stage>;
export type Unit = v.InferOutput<typeof unit>;
export type HealthCheck = v.InferOutput<typeof healthCheck>;
export type ServiceState = v.InferOutput<typeof serviceState>;
export type EventFields = {
  [O in keyof typeof started]: O extends keyof typeof event ? v.InferOutput<(typeof event)[O]> : never;
};
export type GuestInfo = v.InferOutput<typeof result.info>;
export type StartedFields = { [O in keyof typeof started]: v.InferOutput<(typeof started)[O]> };
export type ResultFields = { [O in keyof typeof result]: v.InferOutput<(typeof result)[O]> };
