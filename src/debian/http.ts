import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { systemCode } from '../errors/mvm-error.ts';

/** What went wrong between us and a server, in words. Worth another try, unlike every other error. */
export class NetworkError extends Error {}

/** Not a byte came: who has waited that long for nothing does not wait again. */
export class SilenceError extends NetworkError {}

export interface RequestOptions {
  headers?: OutgoingHttpHeaders;
  proxy?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds without a byte before the request is given up; 30,000 unless given. */
  stallMs?: number | undefined;
  /** Called once where no answer has begun after a third of that time, with the seconds. */
  onSilence?: ((seconds: number) => void) | undefined;
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
  const { stallMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    let response: IncomingMessage | undefined;
    const request = start(url, {
      agent: agentFor(url.protocol, options.proxy),
      headers: options.headers ?? {},
      timeout: stallMs,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const early = setTimeout(() => options.onSilence?.(Math.round(stallMs / 3000)), stallMs / 3);
    request.on('timeout', () => {
      const seconds = Math.round(stallMs / 1000);
      if (response === undefined) request.destroy(new SilenceError(`no answer for ${seconds} seconds`));
      else response.destroy(new NetworkError(`no data for ${seconds} seconds`));
    });
    request.on('close', () => clearTimeout(early));
    request.on('error', (error) => reject(networkError(error)));
    request.on('response', (incoming) => {
      clearTimeout(early);
      response = incoming;
      resolve(incoming);
    });
    request.end();
  });
}

/**
 * A GET request; follows up to 5 redirections. The body is to be read or destroyed by the caller. Throws
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
      throw new NetworkError(`it answers with status ${status}`);
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
