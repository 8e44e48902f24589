import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { KeyPath } from './problem.ts';

const PLAIN_KEY = /^[\w-]{1,40}$/;

/** The key and the value of one step down a map or a list. */
export function childOf(
  node: Node | null,
  part: string | number,
): { key: Node | null; value: Node | null } | null {
  if (isMap<Node, Node | null>(node)) {
    // Of a key that is there twice the last one counts, as in `toValue`.
    const pair = node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(part));
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (isSeq<Node>(node) && typeof part === 'number') {
    const value = node.items[part];
    return value === undefined ? null : { key: null, value };
  }
  return null;
}

/** The node that an alias stands for; null when it stands for nothing. */
export function resolveAlias(node: Node | null, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

/** A key without a value. */
export function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

/** Every scalar and alias that stands as a value. A scalar is listed where it stands, not where aliases point at it. */
export function* leavesUnder(
  node: Node | null,
  path: KeyPath,
): Generator<{ path: KeyPath; node: Scalar | Alias }> {
  if (isScalar(node) || isAlias(node)) yield { path, node };
  else if (isMap<Node, Node | null>(node))
    for (const pair of node.items)
      yield* leavesUnder(pair.value, [...path, isScalar(pair.key) ? String(pair.key.value) : '?']);
  else if (isSeq<Node>(node))
    for (const [index, item] of node.items.entries()) yield* leavesUnder(item, [...path, index]);
}

/** Every key, as the path to it. */
export function* keysUnder(node: Node | null, path: KeyPath): Generator<KeyPath> {
  if (isMap<Node, Node | null>(node))
    for (const pair of node.items) {
      const below = [...path, isScalar(pair.key) ? String(pair.key.value) : '?'];
      yield below;
      yield* keysUnder(pair.value, below);
    }
  else if (isSeq<Node>(node))
    for (const [index, item] of node.items.entries()) yield* keysUnder(item, [...path, index]);
}

/** The first key of the same name as the one at an offset, in the same map. */
export function twinOf(node: Node | null, offset: number): { key: string; offset: number } | null {
  if (isSeq<Node>(node))
    return node.items.map((item) => twinOf(item, offset)).find((twin) => twin !== null) ?? null;
  if (!isMap<Node, Node | null>(node)) return null;
  const second = node.items.find((item) => item.key.range?.[0] === offset);
  if (second === undefined)
    return node.items.map((item) => twinOf(item.value, offset)).find((twin) => twin !== null) ?? null;
  const key = String(second.key);
  const first = node.items.find((item) => String(item.key) === key);
  return { key, offset: first?.key.range?.[0] ?? offset };
}

/** The key that an offset belongs to, as deep as the tree goes and keys look like keys: in a broken text they may be anything. */
export function pathAt(node: Node | null, offset: number): KeyPath {
  if (!isMap<Node, Node | null>(node)) return [];
  const pair = node.items.findLast((item) => (item.key.range?.[0] ?? Number.POSITIVE_INFINITY) <= offset);
  if (pair === undefined || !isScalar(pair.key) || !PLAIN_KEY.test(String(pair.key.value))) return [];
  return [String(pair.key.value), ...pathAt(pair.value, offset)];
}
