import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { systemCode } from '../../errors/mvm-error.ts';

/** A message about a network failure. Worth another try, unlike every other error. */
export class NetworkError extends Error {}

/** No bytes came, or hardly any: after so long a wait it is not worth trying again. */
export class SilenceError extends NetworkError {}

/** Milliseconds without a byte after which a wait is reported, and after which it is given up. */
const toldMs = 5000;
const defaultStallMs = 30_000;

/** Bytes a second, over twice the time above, that an answer has to bring: a drip would take days. */
export const leastRate = 1024;

export interface RequestOptions {
  headers?: OutgoingHttpHeaders;
  proxy?: string | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds without a byte before the request is given up; 30,000 unless given. In twice that time an answer
   * brings at least 1024 bytes a second, or is given up too.
   */
  stallMs?: number | undefined;
  /** Called for each wait of five seconds, or a third of that time, with the seconds so far and in all. */
  onSilence?: ((seconds: number, limitSeconds: number) => void) | undefined;
}

const inWords: Record<string, string> = {
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name could not be looked up (no network?)',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it broke off the connection',
  EPIPE: 'it broke off the connection',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network',
};

/** The failed request's reason, to follow "Can't reach HOST:". */
export function networkError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NetworkError(inWords[systemCode(error) ?? ''] ?? message, { cause: error });
}

const agents = new Map<string, HttpAgent>();

function agentFor(protocol: string, proxy: string | undefined): HttpAgent {
  const key = `${protocol} ${proxy ?? ''}`;
  let agent = agents.get(key);
  if (agent === undefined) {
    const proxyEnv = proxy === undefined ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
    agent =
      protocol === 'https:'
        ? new HttpsAgent({ keepAlive: true, proxyEnv })
        : new HttpAgent({ keepAlive: true, proxyEnv });
    agents.set(key, agent);
  }
  return agent;
}

function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = start(url, {
      agent: agentFor(url.protocol, options.proxy),
      headers: options.headers ?? {},
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let response: IncomingMessage | undefined;
    giveUpSilence(request, options, (reason) => {
      if (response === undefined) request.destroy(new SilenceError(reason.replace('no data', 'no answer')));
      else response.destroy(new SilenceError(reason));
    });
    request.on('error', (error) => reject(networkError(error)));
    request.on('response', (incoming) => {
      response = incoming;
      resolve(incoming);
    });
    request.end();
  });
}

/** Tells when the server lets us wait, and ends the request when it has for too long. */
function giveUpSilence(
  request: ClientRequest,
  { stallMs = defaultStallMs, onSilence }: RequestOptions,
  end: (reason: string) => void,
): void {
  const seconds = (ms: number) => Math.round(ms / 1000);
  const firstMs = Math.min(toldMs, stallMs / 3);
  const windowMs = 2 * stallMs;
  const received = () => request.socket?.bytesRead ?? 0;
  let last: NodeJS.Timeout | undefined;
  let drip: NodeJS.Timeout | undefined;
  // Each time that nothing has come for so long.
  const silent = () => {
    onSilence?.(seconds(firstMs), seconds(stallMs));
    const before = received();
    clearTimeout(last);
    last = setTimeout(() => {
      if (received() === before) end(`no data for ${seconds(stallMs)} seconds`);
    }, stallMs - firstMs);
  };
  // A proxy may let us wait before there is a connection.
  const early = setTimeout(silent, firstMs);
  request.once('socket', (socket) => {
    clearTimeout(early);
    socket.setTimeout(firstMs);
    socket.on('timeout', silent);
    request.once('close', () => socket.off('timeout', silent));
    let seen = socket.bytesRead;
    drip = setInterval(() => {
      const bytes = socket.bytesRead - seen;
      seen = socket.bytesRead;
      if (bytes * 1000 < leastRate * windowMs) end(`only ${bytes} bytes in ${seconds(windowMs)} seconds`);
    }, windowMs);
  });
  request.once('close', () => {
    clearTimeout(early);
    clearTimeout(last);
    clearInterval(drip);
  });
}

/**
 * A GET request; follows up to 5 redirections. The caller must read or destroy the body. Throws
 * NetworkError when no answer comes and for answers that another try may mend (429 and 5xx).
 */
export async function get(address: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let redirections = 0; ; redirections++) {
    options.signal?.throwIfAborted();
    const response = await send(url, options);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (status === 408 || status === 429 || status >= 500) {
      response.destroy();
      throw new NetworkError(`it answered with status ${status}`);
    }
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return response;
    response.destroy();
    if (!URL.canParse(location, url.href)) throw new NetworkError(`it redirects to a broken address`);
    url = new URL(location, url.href);
    if (redirections === 5 || !/^https?:$/.test(url.protocol)) {
      throw new NetworkError(`it redirects too often or to ${url.protocol}`);
    }
  }
}
