import type { IEdge, INode } from '../api';

/** A part of a drawing. */
export interface IBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Return the part of a drawing that a node takes. */
export function boxOf(node: INode): IBox {
  return { ...node, x: node.x - node.width / 2 };
}

/** Return the part of a drawing that an edge takes. */
export function boxAround(edge: IEdge): IBox {
  const across = edge.points.map(([x]) => x);
  const down = edge.points.map(([, y]) => y);
  const [x, y] = [Math.min(...across), Math.min(...down)];
  return {
    x,
    y,
    width: Math.max(...across) - x,
    height: Math.max(...down) - y
  };
}

/** Tell whether two parts have something in common. */
export function meet(one: IBox, other: IBox): boolean {
  return (
    one.x <= other.x + other.width &&
    other.x <= one.x + one.width &&
    one.y <= other.y + other.height &&
    other.y <= one.y + one.height
  );
}

/** Tell whether a part has all of another. */
export function holds(one: IBox, other: IBox): boolean {
  return (
    one.x <= other.x &&
    one.y <= other.y &&
    other.x + other.width <= one.x + one.width &&
    other.y + other.height <= one.y + one.height
  );
}

/** Return a part with as much again on each side. */
export function around(box: IBox): IBox {
  return {
    x: box.x - box.width,
    y: box.y - box.height,
    width: 3 * box.width,
    height: 3 * box.height
  };
}
