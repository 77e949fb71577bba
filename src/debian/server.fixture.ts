import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer extends AsyncDisposable {
  url: string;
  /** "path" or "path Range" of each request, in order. */
  requests: string[];
  /** What to answer by path; may be changed between requests. */
  routes: Map<string, Answer>;
  /** Breaks off every connection. */
  drop(): void;
  stop(): Promise<void>;
}

/** A web server on this machine that answers what a test tells it. */
export async function startServer(): Promise<TestServer> {
  const requests: string[] = [];
  const routes = new Map<string, Answer>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push([path, request.headers.range].filter(Boolean).join(' '));
    const answer = routes.get(path);
    if (answer !== undefined) return answer(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    routes,
    drop: () => server.closeAllConnections(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Serves `body` with ranges and, where given, an ETag that If-Range and If-None-Match are held against. */
export function serve(body: Uint8Array, etag?: string): Answer {
  return (request, response) => {
    const headers = etag === undefined ? {} : { etag };
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const condition = request.headers['if-range'];
    if (from === undefined || (condition !== undefined && condition !== etag)) {
      response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
      return;
    }
    const rest = body.subarray(Number(from));
    response
      .writeHead(206, {
        ...headers,
        'content-length': rest.length,
        'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
      })
      .end(rest);
  };
}

/**
 * Sends the first `bytes` of the body and keeps the connection open, for the test to break it off; later
 * requests get the next answer.
 */
export function holdAfter(bytes: number, body: Uint8Array, next: Answer, etag?: string): Answer {
  let held = false;
  return (request, response) => {
    if (held) return next(request, response);
    held = true;
    response.writeHead(200, { 'content-length': body.length, ...(etag === undefined ? {} : { etag }) });
    response.write(body.subarray(0, bytes));
  };
}
