import { expect, test } from 'vitest';
import { startServer } from '../server.fixture.ts';
import { get } from './http.ts';

test('a request with a proxy goes to the proxy, with the whole address', async () => {
  await using server = await startServer();
  server.routes.set('http://mirror.test/debian/x', (_, response) => response.end('by proxy'));
  const response = await get('http://mirror.test/debian/x', { proxy: server.url });
  expect(response.statusCode).toBe(200);
  expect(`${await response.toArray()}`).toBe('by proxy');
});
