import type { Session } from '../model/session';
import { colours } from './colour';

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
  const colourOf = colours(pipeline?.steps ?? []);
  let above: string | undefined;
  for (const cell of session.panel.content.widgets) {
    const step = steps.get(cell.model.id);
    const name = step ?? others.get(cell.model.id);
    const isMarked = shown && pipeline !== undefined && name !== undefined;
    set(cell.node, 'kfxName', isMarked ? (name === above ? '' : name) : null);
    const own = step ? `${colourOf.get(step)}` : 'none';
    set(cell.node, 'kfxColour', isMarked ? own : null);
    above = isMarked ? name : above;
  }
}

/** Write only what is new: each write lets the browser style the cell anew. */
function set(node: HTMLElement, key: string, value: string | null): void {
  if (value === null) {
    delete node.dataset[key];
  } else if (node.dataset[key] !== value) {
    node.dataset[key] = value;
  }
}
