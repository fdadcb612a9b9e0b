import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { KfxError } from './api';
import type {
  Api,
  IAnalysis,
  IRunStates,
  IStepState,
  ISuggestion
} from './api';
import { roleOf, withRole } from './tags';
import type { Role } from './tags';

const REST = 200; // ms after the last edit
const POLL = 500; // ms between two looks at a run

/** The pipeline of one open notebook, and its run. */
export class Session {
  constructor(
    readonly panel: NotebookPanel,
    readonly api: Api
  ) {
    this._debouncer = new Debouncer(() => this._analyse(), REST);
    panel.disposed.connect(this._end, this);
    panel.content.activeCellChanged.connect(this._emit, this);
    panel.content.selectionChanged.connect(this._emit, this);
    void panel.context.ready.then(() => {
      if (panel.isDisposed) {
        return;
      }
      panel.content.model?.contentChanged.connect(this._edited, this);
      void this._analyse();
      void this._find();
    });
  }

  /** Something that is shown has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string {
    return this.panel.context.localPath;
  }

  /** The pipeline as it was after the last edit that could be analysed. */
  analysis: IAnalysis | null = null;
  /** Why the notebook cannot be analysed, or a request was refused. */
  problem: string | null = null;
  /** The last run of the notebook. */
  run: IRunStates | null = null;
  /** A run has been asked for and has no id yet. */
  starting = false;
  /** The step whose details are shown. */
  selected: string | null = null;

  get running(): boolean {
    return this.starting || this.run?.status === 'running';
  }

  /** Return how a step is doing in the run. */
  state(step: string): IStepState | undefined {
    return this.run?.steps.find(state => state.step === step);
  }

  /** The step of the active cell. */
  get activeStep(): string | null {
    const id = this.panel.content.activeCell?.model.id;
    const steps = this.analysis?.pipeline.steps ?? [];
    const found = steps.find(step => step.cells.some(cell => cell.id === id));
    return found?.name ?? null;
  }

  /** Show the details of a step, and its first cell. */
  select(step: string): void {
    this.selected = step;
    const cells = this.analysis?.pipeline.steps.find(
      s => s.name === step
    )?.cells;
    if (cells?.length) {
      this.reveal(cells[0].id);
    }
    this._emit();
  }

  /** Show the details of no step. */
  deselect(): void {
    this.selected = null;
    this._emit();
  }

  /** Make a cell the active one and bring it into view. */
  reveal(id: string | null, index: number | null = null, line = 0): void {
    const notebook = this.panel.content;
    const byId = notebook.widgets.findIndex(cell => cell.model.id === id);
    const place = byId >= 0 ? byId : (index ?? -1);
    const cell: Cell | undefined = notebook.widgets[place];
    if (!cell) {
      return;
    }
    notebook.deselectAll();
    notebook.activeCellIndex = place;
    void notebook.scrollToItem(place, 'smart').then(() => {
      if (line > 0 && cell.editor) {
        const position = { line: line - 1, column: 0 };
        cell.editor.setCursorPosition(position);
        cell.editor.revealPosition(position);
      }
    });
  }

  /** Give the selected code cells a role, in one step of undo. */
  tag(role: Role, step: string): void {
    const notebook = this.panel.content;
    const cells = notebook.widgets.filter(
      cell => cell.model.type === 'code' && notebook.isSelectedOrActive(cell)
    );
    notebook.model?.sharedModel.transact(() => {
      for (const cell of cells) {
        const tags = withRole(tagsOf(cell.model), role, step);
        if (tags.length) {
          cell.model.setMetadata('tags', tags);
        } else {
          cell.model.deleteMetadata('tags');
        }
      }
    });
  }

  /** Whether no cell is tagged as a step. */
  get untagged(): boolean {
    const cells = [...(this.panel.content.model?.cells ?? [])];
    return cells.every(cell => roleOf(tagsOf(cell)).step === '');
  }

  /** Ask for steps that the notebook could have; the tags are added once applied. */
  async suggest(): Promise<{ suggestion: ISuggestion; apply: () => void }> {
    const model = this.panel.content.model;
    // Cells may come and go while the suggestion is looked at.
    const asked = [...(model?.cells ?? [])];
    const suggestion = await this.api.suggest(this._document(), this.path);
    const apply = (): void => {
      const there = new Set(model?.cells ?? []);
      model?.sharedModel.transact(() => {
        for (const { cell, add } of suggestion.tags) {
          const tagged = asked[cell];
          if (there.has(tagged)) {
            const tags = new Set([...tagsOf(tagged), ...add]);
            tagged.setMetadata('tags', [...tags]);
          }
        }
      });
    };
    return { suggestion, apply };
  }

  /** Start a run of the notebook as it is now. */
  async start(
    parameters: Record<string, unknown>,
    options: Record<string, unknown>
  ): Promise<void> {
    this.starting = true;
    this.problem = null;
    this._emit();
    try {
      const started = await this.api.start(
        this._document(),
        this.path,
        parameters,
        options
      );
      this._follow(await this.api.run(started.run));
    } finally {
      this.starting = false;
      this._emit();
    }
  }

  async cancel(): Promise<void> {
    if (this.run) {
      await this.api.cancel(this.run.run);
    }
  }

  /** The notebook without its outputs, which may be large and say nothing of it. */
  private _document(): Record<string, unknown> {
    const model = this.panel.content.model;
    const cells = [...(model?.cells ?? [])].map(cell => ({
      id: cell.id,
      cell_type: cell.type,
      metadata: cell.metadata,
      source: cell.sharedModel.getSource(),
      ...(cell.type === 'code' ? { outputs: [], execution_count: null } : {})
    }));
    return {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: model?.metadata ?? {},
      cells
    };
  }

  private _edited(): void {
    void this._debouncer.invoke();
  }

  private async _analyse(): Promise<void> {
    if (this.panel.isDisposed) {
      return;
    }
    const document = this._document();
    const text = JSON.stringify(document);
    // Outputs and execution counts change the notebook too, but not its pipeline.
    if (text === this._analysed) {
      return;
    }
    this._analysed = text;
    try {
      const analysis = await this.api.analyse(document, this.path);
      if (text !== this._analysed) {
        return;
      }
      this.analysis = analysis;
      this.problem = null;
    } catch (error) {
      if (text === this._analysed) {
        this._analysed = '';
        this.problem = told(error);
      }
    }
    this._emit();
  }

  /** Find the last run of the notebook, which may be running still. */
  private async _find(): Promise<void> {
    try {
      const [last] = await this.api.runs(this.path, 1);
      if (last && !this.run) {
        this._follow(await this.api.run(last.run));
      }
    } catch (error) {
      this.problem = told(error);
      this._emit();
    }
  }

  private _follow(run: IRunStates): void {
    this.run = run;
    this._emit();
    window.clearTimeout(this._timer);
    if (run.status === 'running') {
      this._timer = window.setTimeout(() => void this._look(run), POLL);
    }
  }

  private async _look(run: IRunStates): Promise<void> {
    try {
      const next = await this.api.run(run.run);
      if (this.run?.run === run.run && !this.panel.isDisposed) {
        this._follow(next);
      }
    } catch (error) {
      // The server may be on its way back.
      this.problem = told(error);
      this._follow(run);
    }
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _end(): void {
    window.clearTimeout(this._timer);
    this._debouncer.dispose();
    Signal.clearData(this);
  }

  private _analysed = '';
  private _timer = 0;
  private readonly _debouncer: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
}

function tagsOf(cell: ICellModel): string[] {
  return (cell.getMetadata('tags') as string[] | undefined) ?? [];
}

/** Return what an error says. */
export function told(error: unknown): string {
  if (error instanceof KfxError) {
    return error.status === 404 && error.cure === null
      ? 'The server has no jupyter_kfx: install it where Jupyter Server runs.'
      : error.sentences;
  }
  return error instanceof Error ? error.message : String(error);
}
