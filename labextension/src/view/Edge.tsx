import React from 'react';

import type { IEdge } from '../api';
import type { ITranslate } from './translate';

/** A dependency in the graph. */
export const Edge = React.memo(function Edge(props: {
  edge: IEdge;
  lit: boolean;
  trans: ITranslate;
}): React.JSX.Element {
  const { edge, lit, trans } = props;
  const kinds = {
    data: trans.__('data'),
    possible: trans.__('possibly'),
    order: trans.__('only in order')
  };
  return (
    <path
      className={`jp-kfx-Edge jp-mod-${edge.kind} ${lit ? 'jp-mod-active' : ''}`}
      d={curve(edge.points)}
      data-source={edge.source}
      data-target={edge.target}
      markerEnd="url(#jp-kfx-arrow)"
    >
      <title>{`${edge.source} → ${edge.target} (${kinds[edge.kind]}): ${edge.names.join(', ')}`}</title>
    </path>
  );
});

/** The names that travel along an edge. */
export const EdgeLabel = React.memo(function EdgeLabel(props: {
  edge: IEdge;
}): React.JSX.Element | null {
  const { kind, label } = props.edge;
  return (
    label && (
      <text
        className={`jp-kfx-Edge-label jp-mod-${kind}`}
        x={label.x}
        y={label.y + 4}
        aria-hidden
      >
        {label.text}
      </text>
    )
  );
});

function curve(points: readonly [number, number][]): string {
  const [first, ...rest] = points;
  let path = `M${first[0]} ${first[1]}`;
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    const middle = (y + nextY) / 2;
    path += `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}
