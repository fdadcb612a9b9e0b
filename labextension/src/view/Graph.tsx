import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IDrawing, IEdge, INode, IPipeline, IStepState } from '../api';
import { colour } from '../marks';

const MARGIN = 14;
const LEAST = 0.65; // below this size names cannot be read: better scroll
const MARKS: Record<string, string> = {
  queued: '○',
  running: '◐',
  waiting: '◔',
  succeeded: '✓',
  failed: '✗',
  skipped: '–',
  cancelled: '■',
  lost: '?'
};

interface IGraphProps {
  pipeline: IPipeline;
  drawing: IDrawing;
  active: string | null;
  selected: string | null;
  state: (step: string) => IStepState | undefined;
  onSelect: (step: string) => void;
  trans: TranslationBundle;
}

/** The graph of a pipeline. */
export function Graph(props: IGraphProps): React.JSX.Element {
  const { drawing, trans } = props;
  const [zoom, setZoom] = React.useState<number | null>(null);
  const width = drawing.width + 2 * MARGIN;
  const height = drawing.height + 2 * MARGIN;
  const frame = React.useRef<HTMLDivElement>(null);
  const fitted = (): number =>
    Math.max(LEAST, Math.min(1, (frame.current?.clientWidth ?? width) / width));
  const size = zoom ? { width: width * zoom, height: height * zoom } : {};
  return (
    <div className="jp-kfx-Graph">
      <div className="jp-kfx-Graph-frame" ref={frame}>
        <svg
          className={zoom ? undefined : 'jp-mod-fit'}
          style={zoom ? size : { maxWidth: width, minWidth: width * LEAST }}
          viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
          role="group"
          aria-label={trans._n(
            'Pipeline of %1 step',
            'Pipeline of %1 steps',
            drawing.nodes.length
          )}
        >
          <defs>
            <marker
              id="jp-kfx-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {drawing.edges.map((edge, i) => (
            <Edge key={i} edge={edge} lit={props.active} trans={trans} />
          ))}
          {drawing.nodes.map(node => (
            <Node
              key={node.step}
              node={node}
              colour={colour(props.pipeline, node.step)}
              state={props.state(node.step)}
              active={props.active === node.step}
              selected={props.selected === node.step}
              sources={drawing.edges.filter(e => e.target === node.step)}
              onSelect={props.onSelect}
              trans={trans}
            />
          ))}
          {drawing.edges.map(
            (edge, i) =>
              edge.label && (
                <text
                  key={i}
                  className={`jp-kfx-Edge-label jp-mod-${edge.kind}`}
                  x={edge.label.x}
                  y={edge.label.y + 4}
                  aria-hidden
                >
                  {edge.label.text}
                </text>
              )
          )}
        </svg>
      </div>
      <div className="jp-kfx-Graph-zoom">
        <button
          title={trans.__('Zoom in')}
          aria-label={trans.__('Zoom in')}
          onClick={() => setZoom(Math.min(3, (zoom ?? fitted()) * 1.25))}
        >
          +
        </button>
        <button
          title={trans.__('Zoom out')}
          aria-label={trans.__('Zoom out')}
          onClick={() => setZoom(Math.max(0.1, (zoom ?? fitted()) / 1.25))}
        >
          −
        </button>
        <button
          title={trans.__('Fit the graph into the panel')}
          aria-label={trans.__('Fit the graph into the panel')}
          onClick={() => setZoom(null)}
        >
          ⤢
        </button>
      </div>
    </div>
  );
}

interface INodeProps {
  node: INode;
  colour: number;
  state: IStepState | undefined;
  active: boolean;
  selected: boolean;
  sources: IEdge[];
  onSelect: (step: string) => void;
  trans: TranslationBundle;
}

function Node(props: INodeProps): React.JSX.Element {
  const { node, state, trans } = props;
  const left = node.x - node.width / 2;
  const status = state ? statusText(state, trans) : '';
  const classes = [
    'jp-kfx-Node',
    props.active ? 'jp-mod-active' : '',
    props.selected ? 'jp-mod-selected' : '',
    state ? `jp-mod-${state.status}` : ''
  ];
  const said = [
    trans.__('Step %1', node.title),
    status,
    ...props.sources.map(edge =>
      edge.names.length
        ? trans.__('takes %1 from %2', edge.names.join(', '), edge.source)
        : trans.__('runs after %1', edge.source)
    ),
    node.hint
  ];
  const middle = node.y + 22 - (status ? 3 : -3);
  return (
    <g
      className={classes.join(' ')}
      role="button"
      tabIndex={0}
      data-step={node.step}
      data-status={state?.status}
      data-kfx-colour={props.colour}
      aria-label={said.filter(Boolean).join(', ')}
      aria-current={props.active || undefined}
      onClick={() => props.onSelect(node.step)}
      onKeyDown={event => {
        const own = event.currentTarget;
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          props.onSelect(node.step);
        } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault();
          const other =
            event.key === 'ArrowDown'
              ? own.nextElementSibling
              : own.previousElementSibling;
          if (other?.classList.contains('jp-kfx-Node')) {
            (other as SVGGElement).focus();
          }
        }
      }}
    >
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
      {status && (
        <text className="jp-kfx-Node-status" x={left + 18} y={middle + 15}>
          {status}
        </text>
      )}
      {node.hint && (
        <text
          className="jp-kfx-Node-status"
          x={left + 18}
          y={middle + (status ? 29 : 16)}
        >
          {node.hint}
        </text>
      )}
      {state && (
        <text
          className="jp-kfx-Node-mark"
          x={left + node.width - 18}
          y={node.y + node.height / 2 + 6}
        >
          {MARKS[state.status] ?? ''}
        </text>
      )}
    </g>
  );
}

function Edge(props: {
  edge: IEdge;
  lit: string | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { edge, trans } = props;
  const [first, ...rest] = edge.points;
  let path = `M${first[0]} ${first[1]}`;
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    const middle = (y + nextY) / 2;
    path += `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  const lit = props.lit === edge.source || props.lit === edge.target;
  const kinds = {
    data: trans.__('data'),
    possible: trans.__('possibly'),
    order: trans.__('only in order')
  };
  return (
    <path
      className={`jp-kfx-Edge jp-mod-${edge.kind} ${lit ? 'jp-mod-active' : ''}`}
      d={path}
      data-source={edge.source}
      data-target={edge.target}
      markerEnd="url(#jp-kfx-arrow)"
    >
      <title>{`${edge.source} → ${edge.target} (${kinds[edge.kind]}): ${edge.names.join(', ')}`}</title>
    </path>
  );
}

/** Return how a step is doing, in a few words. */
export function statusText(
  state: IStepState,
  trans: TranslationBundle
): string {
  const words: Record<string, string> = {
    queued: trans.__('queued'),
    running: trans.__('running'),
    waiting: trans.__('waits for steps above'),
    succeeded: trans.__('succeeded'),
    failed: trans.__('failed'),
    skipped: trans.__('skipped'),
    cancelled: trans.__('cancelled'),
    lost: trans.__('lost')
  };
  const seconds =
    state.status === 'running' && state.started
      ? Math.max(0, Date.now() / 1000 - state.started)
      : state.seconds;
  const word = words[state.status] ?? state.status;
  const shown = ['running', 'succeeded', 'failed'].includes(state.status);
  return shown && seconds !== null ? `${word} ${duration(seconds)}` : word;
}

function duration(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds % 60)} s`;
}
