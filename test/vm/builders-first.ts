import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The order of test files: those that build images come first, as they take longest and wait for each other; then
 * by size. What ends last is short then.
 */
export class BuildersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const builds = (path: string) => Number(/\/test\/vm\/(builder|images)\//.test(path));
    const size = (path: string) => statSync(path).size;
    return [...files].sort(({ moduleId: a }, { moduleId: b }) => builds(b) - builds(a) || size(b) - size(a));
  }
}
