import React from 'react';

import { Details } from '../view/Details';
import { Diagnostics } from '../view/Diagnostics';
import { Graph } from '../view/Graph';
import { firstChoice, givenOf, RunFields } from '../view/RunFields';
import { Problem, RunHeader } from '../view/RunHeader';
import { runProblem } from '../view/status';
import type { ITranslate } from '../view/translate';
import type { KernelModel } from './model';

interface IViewProps {
  kernel: KernelModel;
  trans: ITranslate;
}

/** The pipeline of a notebook, and what starts and ends its runs. */
export function View(props: IViewProps): React.JSX.Element {
  const { kernel, trans } = props;
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => kernel.watch(draw), [kernel]);
  const { analysis, engines, run, selected } = kernel;
  const parameters = analysis?.pipeline.parameters ?? [];
  const defaults = JSON.stringify(
    parameters.map(each => [each.name, each.default])
  );
  const [choice, setChoice] = React.useState(firstChoice(parameters, null));
  React.useEffect(
    () =>
      setChoice(({ options }) =>
        firstChoice(parameters, { options, parameters: {} })
      ),
    [defaults]
  );
  const fields = React.useRef<HTMLDetailsElement>(null);
  const [isWrong, setWrong] = React.useState(false);
  // What cannot be read is no value, and must not be taken for one that is not given.
  React.useLayoutEffect(() =>
    setWrong(Boolean(fields.current?.querySelector('.jp-mod-error')))
  );
  const state = run?.steps.find(each => each.step === selected);
  const start = (): void => {
    const given = givenOf(parameters, engines, choice);
    kernel.start(given.parameters, given.options);
  };
  return (
    <>
      <RunHeader
        run={run}
        starting={kernel.starting}
        hindrance={isWrong ? trans.__('A value is not of its type.') : ''}
        onRun={start}
        onCancel={() => kernel.cancel()}
        trans={trans}
      >
        <strong>{analysis?.pipeline.name}</strong>
      </RunHeader>
      <Problem text={kernel.problem} />
      <Problem text={runProblem(run)} />
      <details
        ref={fields}
        className="jp-kfx-Widget-form"
        open={parameters.length > 0}
      >
        <summary>{trans.__('Parameters')}</summary>
        <RunFields
          key={defaults}
          parameters={parameters}
          engines={engines}
          choice={choice}
          onChange={setChoice}
          trans={trans}
        />
      </details>
      {analysis && analysis.drawing.nodes.length > 0 && (
        <Graph
          pipeline={analysis.pipeline}
          drawing={analysis.drawing}
          active={null}
          selected={selected}
          states={run?.steps}
          onSelect={step => {
            kernel.selected = step;
          }}
          trans={trans}
        />
      )}
      {analysis && (
        <Diagnostics
          findings={analysis.pipeline.diagnostics.map(found => ({
            ...found,
            fix: null
          }))}
          trans={trans}
        />
      )}
      {run && state && (
        <Details
          step={state.step}
          state={state}
          run={run.run}
          logs={kernel}
          load={step => kernel.plots(step)}
          onClose={() => {
            kernel.selected = null;
          }}
          trans={trans}
        />
      )}
    </>
  );
}
