import type { IPipeline } from './api';
import type { Session } from './session';

const COLOURS = 8;

/** Return the number of the colour of a step; the style sheet has the colours. */
export function colour(pipeline: IPipeline, step: string): number {
  return pipeline.steps.findIndex(each => each.name === step) % COLOURS;
}

/** Show the name and the colour of its step beside each cell. */
export function mark(session: Session, shown: boolean): void {
  const pipeline = session.analysis?.pipeline;
  const steps = new Map<string, string>();
  const others = new Map<string, string>();
  for (const step of pipeline?.steps ?? []) {
    for (const cell of step.cells) {
      steps.set(cell.id, step.name);
    }
  }
  for (const cell of pipeline?.setup_cells ?? []) {
    others.set(cell.id, 'setup');
  }
  if (pipeline?.parameters_cell) {
    others.set(pipeline.parameters_cell.id, 'parameters');
  }
  let above: string | undefined;
  for (const cell of session.panel.content.widgets) {
    const step = steps.get(cell.model.id);
    const name = step ?? others.get(cell.model.id);
    const data = cell.node.dataset;
    delete data.kfxName;
    delete data.kfxColour;
    if (!shown || !pipeline || !name) {
      continue;
    }
    data.kfxColour = step ? `${colour(pipeline, step)}` : 'none';
    data.kfxName = name === above ? '' : name;
    above = name;
  }
}
