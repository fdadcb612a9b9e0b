import React from 'react';

import type { IDrawing, IEdge, IPipeline, IStepState } from '../api';
import { aboutSteps } from './about';
import { boxAround, boxOf, meet } from './boxes';
import type { IBox } from './boxes';
import { colours } from './colour';
import { Edge, EdgeLabel } from './Edge';
import { saveDrawing } from './export';
import { GraphTools } from './GraphTools';
import { Node } from './Node';
import type { ITranslate } from './translate';
import { Viewport } from './viewport';

const MANY = 150; // nodes of which only those in sight are in the page

export interface IGraphProps {
  pipeline: Pick<IPipeline, 'name' | 'steps' | 'diagnostics'>;
  drawing: IDrawing;
  /** The step of the active cell. */
  active: string | null;
  /** The step whose details are shown. */
  selected: string | null;
  /** How the steps stand in a run. */
  states: readonly IStepState[] | undefined;
  onSelect: (step: string) => void;
  /** A menu is about to be opened on a step. */
  onPoint?: (step: string | null) => void;
  trans: ITranslate;
}

/** The graph of a pipeline, to move about in with mouse and keyboard. */
export function Graph(props: IGraphProps): React.JSX.Element {
  const { drawing, pipeline, active, trans } = props;
  const { nodes, edges } = drawing;
  const [view] = React.useState(() => new Viewport());
  const [sight, setSight] = React.useState<IBox | null>(null);
  const [saving, save] = React.useState<'svg' | 'png' | null>(null);
  const isLarge = nodes.length > MANY && saving === null;
  React.useLayoutEffect(() => view.listen(), [view]);
  React.useLayoutEffect(() => {
    view.onSight = nodes.length > MANY ? setSight : null;
    view.resize(drawing.width, drawing.height);
  }, [view, drawing, nodes]);
  const lit = React.useRef(active);
  React.useEffect(() => {
    const node = nodes.find(each => each.step === active);
    // Who looks elsewhere is only brought to another step.
    if (node && (view.follows || lit.current !== active)) {
      view.show(boxOf(node));
    }
    lit.current = active;
  }, [view, nodes, active]);
  // What is drawn must not be drawn anew because a function is.
  const select = React.useRef(props.onSelect);
  select.current = props.onSelect;
  const onSelect = React.useCallback((step: string) => {
    select.current(step);
  }, []);
  const about = React.useMemo(
    () => aboutSteps(pipeline, edges, trans),
    [pipeline, edges, trans]
  );
  const colourOf = React.useMemo(() => colours(pipeline.steps), [pipeline]);
  const boxes = React.useMemo(() => new Map(edges.map(aroundEdge)), [edges]);
  const states = React.useMemo(
    () => new Map(props.states?.map(state => [state.step, state])),
    [props.states]
  );
  const [focused, setFocused] = React.useState<string | null>(null);
  const entry = active ?? nodes[0]?.step;
  const inSight = (box: IBox): boolean =>
    !isLarge || (sight !== null && meet(sight, box));
  const shownNodes = nodes.filter(
    node => inSight(boxOf(node)) || node.step === entry || node.step === focused
  );
  const shownEdges = edges.filter(edge => inSight(boxes.get(edge)!));
  React.useLayoutEffect(() => {
    const content = view.content.current;
    if (saving && content) {
      void saveDrawing(content, drawing, pipeline.name, saving).finally(() =>
        save(null)
      );
    }
  }, [saving]);
  // A node that was out of sight is there to be focused once it is drawn.
  React.useLayoutEffect(() => {
    const found = [
      ...(view.content.current?.querySelectorAll<SVGGElement>('[data-step]') ??
        [])
    ].find(node => node.getAttribute('data-step') === focused);
    if (found !== document.activeElement) {
      found?.focus({ preventScroll: true });
    }
  }, [view, focused]);
  const go = (step: string | undefined): void => {
    const node = nodes.find(each => each.step === step);
    if (node) {
      view.show(boxOf(node), true);
      setFocused(node.step);
    }
  };
  const act = (key: string, on: Element): boolean => {
    const step = on.getAttribute('data-step');
    const place = nodes.findIndex(node => node.step === step);
    const keys: Record<string, () => void> = {
      '+': () => view.zoom(1),
      '-': () => view.zoom(-1),
      '0': () => view.fit(),
      ArrowDown: () => go(nodes[place + 1]?.step),
      ArrowUp: () => go(nodes[place - 1]?.step),
      ArrowRight: () => go(edges.find(each => each.source === step)?.target),
      ArrowLeft: () => go(edges.find(each => each.target === step)?.source),
      Home: () => go(nodes[0]?.step),
      End: () => go(nodes[nodes.length - 1]?.step)
    };
    if (step !== null) {
      keys.Enter = keys[' '] = () => onSelect(step);
    }
    keys[key]?.();
    return key in keys;
  };
  return (
    <div className="jp-kfx-Graph">
      <svg
        ref={view.frame}
        className="jp-kfx-Graph-frame"
        role="group"
        tabIndex={nodes.length ? -1 : 0}
        aria-label={trans._n(
          'Pipeline of %1 step',
          'Pipeline of %1 steps',
          nodes.length
        )}
        onContextMenu={({ target }) => {
          const node = (target as Element).closest('[data-step]');
          props.onPoint?.(node?.getAttribute('data-step') ?? null);
        }}
        onFocus={({ target }) => setFocused(target.getAttribute('data-step'))}
        onBlur={({ relatedTarget }) => {
          if (!relatedTarget?.hasAttribute('data-step')) {
            setFocused(null);
          }
        }}
        onKeyDown={event => {
          const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
          if (plain && act(event.key, event.target as Element)) {
            event.preventDefault();
            event.stopPropagation();
          }
        }}
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
        <g ref={view.content}>
          {shownEdges.map(edge => (
            <Edge
              key={`${edge.kind} ${edge.source} ${edge.target}`}
              edge={edge}
              lit={active === edge.source || active === edge.target}
              trans={trans}
            />
          ))}
          {shownNodes.map(node => (
            <Node
              key={node.step}
              node={node}
              colour={colourOf.get(node.step) ?? 0}
              state={states.get(node.step)}
              found={about.get(node.step)?.found}
              active={active === node.step}
              selected={props.selected === node.step}
              entry={entry === node.step}
              sources={about.get(node.step)?.sources ?? ''}
              onSelect={onSelect}
              trans={trans}
            />
          ))}
          {shownEdges.map(edge => (
            <EdgeLabel
              key={`${edge.kind} ${edge.source} ${edge.target}`}
              edge={edge}
            />
          ))}
        </g>
      </svg>
      <GraphTools view={view} onSave={save} trans={trans} />
    </div>
  );
}

function aroundEdge(edge: IEdge): [IEdge, IBox] {
  return [edge, boxAround(edge)];
}
