import type { IDiagnostic, IEdge, IPipeline } from '../api';
import type { ITranslate } from './translate';

/** What is said about a step: where its data comes from, what is found. */
export interface IAbout {
  sources: string;
  found?: { severity: string; text: string };
}

/** Return what is said about each step. */
export function aboutSteps(
  pipeline: Pick<IPipeline, 'steps' | 'diagnostics'>,
  edges: readonly IEdge[],
  trans: ITranslate
): Map<string, IAbout> {
  const about = new Map<string, IAbout>();
  const of = (step: string): IAbout => {
    const known = about.get(step) ?? { sources: '' };
    about.set(step, known);
    return known;
  };
  for (const { source, target, names } of edges) {
    const said = names.length
      ? trans.__('takes %1 from %2', names.join(', '), source)
      : trans.__('runs after %1', source);
    const known = of(target);
    known.sources = known.sources ? `${known.sources}, ${said}` : said;
  }
  for (const diagnostic of pipeline.diagnostics) {
    const step = stepOf(pipeline, diagnostic);
    if (step === null || diagnostic.severity === 'info') {
      continue;
    }
    const known = of(step);
    const isWorse = diagnostic.severity === 'error';
    known.found = {
      severity: isWorse ? 'error' : (known.found?.severity ?? 'warning'),
      text: [known.found?.text, diagnostic.message].filter(Boolean).join(' ')
    };
  }
  return about;
}

function stepOf(
  pipeline: Pick<IPipeline, 'steps'>,
  diagnostic: IDiagnostic
): string | null {
  const found = pipeline.steps.find(step =>
    step.cells.some(cell => cell.id === diagnostic.cell)
  );
  return diagnostic.step ?? found?.name ?? null;
}
