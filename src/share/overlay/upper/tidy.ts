import type { Model, Node } from './model.ts';

/** Removes nodes of folders that are as on the host, with nothing of the guest's in them. */
export function tidy(model: Model): void {
  const visit = (node: Node, place: string): boolean => {
    for (const [name, child] of [...node.children]) {
      const at = place === '' ? name : `${place}/${name}`;
      if (child.kind !== 'folder' || !visit(child, child.origin ?? at)) continue;
      if (child.origin === at && child.mode === undefined)
        model.take([['name', node.id, name, undefined]], 0n);
    }
    return node.children.size === 0;
  };
  visit(model.root, '');
}
