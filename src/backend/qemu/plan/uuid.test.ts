import { expect, it } from 'vitest';
import { newVmId } from '../../../vm/boot/plan.ts';
import { vmUuid } from './uuid.ts';

it('gives each VM a well-formed uuid that never changes', () => {
  const [one, two] = [newVmId(), newVmId()];
  expect(vmUuid(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(vmUuid(one)).toBe(vmUuid(one));
  expect(vmUuid(two)).not.toBe(vmUuid(one));
});
