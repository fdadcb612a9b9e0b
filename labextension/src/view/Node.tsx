import React from 'react';

import type { INode, IStepState } from '../api';
import { SIGNS, statusOf, statusText } from './status';
import type { ITranslate } from './translate';

export interface INodeProps {
  node: INode;
  colour: number;
  state: IStepState | undefined;
  /** What the notebook is told about the step. */
  found: { severity: string; text: string } | undefined;
  active: boolean;
  selected: boolean;
  /** Whether the tabulator key goes to it. */
  entry: boolean;
  /** Where its data comes from, in words. */
  sources: string;
  onSelect: (step: string) => void;
  trans: ITranslate;
}

/** A step in the graph. */
export const Node = React.memo(function Node(
  props: INodeProps
): React.JSX.Element {
  const { node, state, found, trans } = props;
  useTick(state?.status === 'running');
  const left = node.x - node.width / 2;
  const status = state && statusOf(state);
  const shown = state ? statusText(state, trans) : '';
  const classes = [
    'jp-kfx-Node',
    props.active ? 'jp-mod-active' : '',
    props.selected ? 'jp-mod-selected' : '',
    status ? `jp-mod-${status}` : ''
  ];
  const said = [
    trans.__('Step %1', node.title),
    shown,
    found?.text,
    props.sources,
    node.details
  ];
  const middle = node.y + 22 - (shown ? 3 : -3);
  return (
    <g
      className={classes.join(' ')}
      role="button"
      tabIndex={props.entry ? 0 : -1}
      data-step={node.step}
      data-status={status}
      data-kfx-colour={props.colour}
      aria-label={said.filter(Boolean).join(', ')}
      aria-current={props.active || undefined}
      onClick={() => props.onSelect(node.step)}
    >
      {node.details !== node.hint && <title>{node.details}</title>}
      <rect
        className="jp-kfx-Node-box"
        x={left}
        y={node.y}
        width={node.width}
        height={node.height}
        rx={6}
      />
      <rect
        className="jp-kfx-Node-stripe"
        x={left + 5}
        y={node.y + 7}
        width={4}
        height={node.height - 14}
        rx={2}
      />
      <text className="jp-kfx-Node-name" x={left + 18} y={middle}>
        {node.title}
      </text>
      {shown && (
        <text className="jp-kfx-Node-status" x={left + 18} y={middle + 15}>
          {shown}
        </text>
      )}
      {node.hint && (
        <text
          className="jp-kfx-Node-status"
          x={left + 18}
          y={middle + (shown ? 29 : 16)}
        >
          {node.hint}
        </text>
      )}
      {status && (
        <text
          className="jp-kfx-Node-mark"
          x={left + node.width - 18}
          y={node.y + node.height / 2 + 6}
        >
          {SIGNS[status] ?? ''}
        </text>
      )}
      {found && (
        <g className={`jp-kfx-Node-found jp-mod-${found.severity}`}>
          <title>{found.text}</title>
          <circle cx={left + node.width - 2} cy={node.y + 2} r={8} />
          <text x={left + node.width - 2} y={node.y + 6}>
            !
          </text>
        </g>
      )}
    </g>
  );
}, isSame);

/** Tell whether nothing that is seen of a step has changed. */
function isSame(old: INodeProps, next: INodeProps): boolean {
  const seen = (props: INodeProps): unknown[] => [
    props.node,
    props.state,
    props.found,
    props.sources
  ];
  return (
    old.colour === next.colour &&
    old.active === next.active &&
    old.selected === next.selected &&
    old.entry === next.entry &&
    old.onSelect === next.onSelect &&
    JSON.stringify(seen(old)) === JSON.stringify(seen(next))
  );
}

/** Show the elapsed time as it goes by. */
function useTick(running: boolean): void {
  const [, tick] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const timer = running ? window.setInterval(tick, 1000) : 0;
    return () => window.clearInterval(timer);
  }, [running]);
}
