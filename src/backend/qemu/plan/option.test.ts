import { describe, expect, it } from 'vitest';
import { option } from './option.ts';

describe('option', () => {
  it('doubles commas, which would end a value', () => {
    expect(option('file', { path: '/a,b,,c' })).toBe('file,path=/a,,b,,,,c');
  });
  it('writes switches as QEMU reads them and leaves out what is not set', () => {
    expect(option('', { on: true, off: false, n: 0, gone: undefined })).toBe('on=on,off=off,n=0');
  });
});
