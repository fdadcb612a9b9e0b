import React from 'react';

import type { ITranslate } from './translate';
import type { Viewport } from './viewport';

/** The buttons below a graph. */
export function GraphTools(props: {
  view: Viewport;
  onSave: (kind: 'svg' | 'png') => void;
  trans: ITranslate;
}): React.JSX.Element {
  const { view, onSave, trans } = props;
  const tools: [string, string, () => void][] = [
    ['+', trans.__('Zoom in'), () => view.zoom(1)],
    ['−', trans.__('Zoom out'), () => view.zoom(-1)],
    ['⤢', trans.__('Show the whole graph'), () => view.fit()],
    ['1:1', trans.__('Show the graph as it was at first'), () => view.reset()],
    ['SVG', trans.__('Save the graph as SVG'), () => onSave('svg')],
    ['PNG', trans.__('Save the graph as PNG'), () => onSave('png')]
  ];
  return (
    <div
      className="jp-kfx-Graph-tools"
      role="toolbar"
      aria-label={trans.__('Graph')}
    >
      {tools.map(([sign, name, act]) => (
        <button key={name} title={name} aria-label={name} onClick={act}>
          {sign}
        </button>
      ))}
    </div>
  );
}
