import React from 'react';

import { Problem } from './RunHeader';
import type { ITranslate } from './translate';

// What a browser shows as an image, in which no script runs.
const IMAGES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/svg+xml'
];

interface IPlot {
  source: string;
  text: string;
}

/** The images among the outputs of an executed step. */
export function Plots(props: {
  step: string;
  /** Return the executed step as a notebook; null if there is none. */
  load: (step: string) => Promise<unknown>;
  trans: ITranslate;
}): React.JSX.Element | null {
  const { step, trans } = props;
  const [plots, setPlots] = React.useState<IPlot[]>([]);
  const [problem, setProblem] = React.useState('');
  const load = React.useRef(props.load);
  load.current = props.load;
  React.useEffect(() => {
    let gone = false;
    load.current(step).then(
      notebook => !gone && setPlots(plotsOf(notebook)),
      error =>
        !gone && setProblem(error instanceof Error ? error.message : `${error}`)
    );
    return () => {
      gone = true;
    };
  }, [step]);
  if (problem) {
    return <Problem text={problem} />;
  }
  return plots.length ? (
    <div className="jp-kfx-Plots">
      {plots.map(({ source, text }, i) => (
        <img
          key={i}
          src={source}
          alt={trans.__('Plot %1 of step %2: %3', i + 1, step, text)}
        />
      ))}
    </div>
  ) : null;
}

function plotsOf(notebook: unknown): IPlot[] {
  const { cells } = (notebook ?? {}) as {
    cells?: { outputs?: { data?: Record<string, unknown> }[] }[];
  };
  const outputs = (cells ?? []).flatMap(cell => cell.outputs ?? []);
  return outputs.flatMap(({ data }) => {
    const type = IMAGES.find(each => data?.[each] !== undefined);
    if (!data || !type) {
      return [];
    }
    const content = joined(data[type]);
    const source =
      type === 'image/svg+xml'
        ? `data:${type},${encodeURIComponent(content)}`
        : `data:${type};base64,${content.replace(/\s/g, '')}`;
    return [{ source, text: joined(data['text/plain']) }];
  });
}

/** A notebook holds a text in one piece, or as its lines. */
function joined(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value ?? '');
}
