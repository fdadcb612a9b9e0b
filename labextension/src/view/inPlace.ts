import { StateEffect, StateField } from '@codemirror/state';
import type { Extension, Range } from '@codemirror/state';
import { Decoration, EditorView, WidgetType } from '@codemirror/view';
import type { DecorationSet } from '@codemirror/view';
import type { Cell } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';

import type { IFinding } from '../model/findings';
import { marked } from './marked';

const show = StateEffect.define<readonly IFinding[]>();

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (old, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(show)) {
        return drawn(transaction.state.doc, effect.value);
      }
    }
    return old.map(transaction.changes);
  },
  provide: own => EditorView.decorations.from(own)
});

const extension: Extension = field;

/** Show below the lines of a cell what is found there. */
export function showInPlace(cell: Cell, found: readonly IFinding[]): void {
  const editor = cell.editor as CodeMirrorEditor | null;
  if (!editor) {
    return;
  }
  const view = editor.editor;
  if (!view.state.field(field, false)) {
    if (!found.length) {
      return;
    }
    editor.injectExtension(extension);
  }
  view.dispatch({ effects: show.of(found) });
}

function drawn(
  document: EditorView['state']['doc'],
  found: readonly IFinding[]
): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const finding of found) {
    const number = Math.min(Math.max(finding.line ?? 1, 1), document.lines);
    const line = document.line(number);
    if (finding.line !== null) {
      const marked = `jp-kfx-Line jp-mod-${finding.severity}`;
      ranges.push(Decoration.line({ class: marked }).range(line.from));
    }
    const widget = new FindingWidget(finding);
    const [side, place] =
      finding.line === null ? [-1, line.from] : [1, line.to];
    ranges.push(Decoration.widget({ widget, block: true, side }).range(place));
  }
  return Decoration.set(ranges, true);
}

/** One finding, as a line of its own. */
class FindingWidget extends WidgetType {
  constructor(private readonly _finding: IFinding) {
    super();
  }

  override eq(other: FindingWidget): boolean {
    const said = ({ _finding: each }: FindingWidget): string =>
      [each.severity, each.message, each.cure, each.fix?.label].join('\n');
    return said(this) === said(other);
  }

  override toDOM(): HTMLElement {
    const { severity, message, cure, fix } = this._finding;
    const box = document.createElement('div');
    box.className = `jp-kfx-Finding jp-mod-${severity}`;
    box.setAttribute('role', 'note');
    const what = document.createElement('span');
    what.append(...marked(message));
    box.append(what);
    if (cure) {
      const how = document.createElement('em');
      how.append(...marked(cure));
      box.append(how);
    }
    if (fix) {
      const button = document.createElement('button');
      button.className = 'jp-kfx-Link';
      button.textContent = fix.label;
      button.onclick = fix.apply;
      box.append(button);
    }
    return box;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}
