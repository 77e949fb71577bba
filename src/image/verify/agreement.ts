import type { ImageJson } from '../image-json.ts';
import type { Agent } from './agent.ts';
import { type Check, Findings, failed, skipped } from './check.ts';
import type { GuestConfig } from './guest-config.ts';

/** What the host is told about the image, what the guest is told, and what the agent can do must agree. */
export function checkAgreement(
  spec: ImageJson | undefined,
  config: GuestConfig | string,
  agent: Agent | undefined,
): Check {
  const name = 'agreement';
  const read = 'image.json, /mvm/image.json, /init';
  if (typeof config === 'string') return failed(name, read, config);
  if (spec === undefined) return skipped(name, 'image.json could not be read');
  const found = new Findings();
  const same = (field: string, host: unknown, guest: unknown) => {
    if (host !== guest) found.fail(`${field} is ${host} in image.json, but ${guest} in the guest's`);
  };
  same('accessible', spec.accessible, config.accessible);
  same('sealed', spec.sealed, config.sealed);
  same('entrypointKind', spec.entrypointKind, config.entrypoint.kind);
  const names = (services: object) => Object.keys(services).sort().join(', ') || 'none';
  same('services', names(spec.services), names(config.services));
  if (spec.sealed && spec.accessible)
    found.fail('image.json says that the image is both sealed and accessible');
  if (spec.sealed && config.shell != null)
    found.fail('the guest is configured with a shell besides its program');
  if (
    agent !== undefined &&
    spec.accessible &&
    !['exec', 'console'].every((h) => agent.handlers.includes(h))
  ) {
    found.fail('image.json says that the image is accessible, but the agent has no exec or no console');
  }
  if (agent !== undefined && !spec.accessible && agent.handlers.length > 0) {
    found.fail(
      `image.json says that the image is not accessible, but the agent has ${agent.handlers.join(', ')}`,
    );
  }
  return found.check(name, read);
}
