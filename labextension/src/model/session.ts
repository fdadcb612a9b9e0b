import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Api, IAnalysis, IDiagnostic } from '../api';
import { chosenCells, documentOf, setTags, tagsOf } from './document';
import { FollowedRun } from './run';
import { roleOf } from './tags';

const REST = 80; // ms after the last edit

/** The pipeline of one open notebook, and its run. */
export class Session {
  constructor(
    readonly panel: NotebookPanel,
    readonly api: Api
  ) {
    this.run = new FollowedRun(api);
    this.run.changed.connect(this._emit, this);
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
      void this.run.find(this.path).catch(error => this._fail(error));
    });
  }

  /** Something that is shown has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string {
    return this.panel.context.localPath;
  }

  /** The last run of the notebook. */
  readonly run: FollowedRun;
  /** A run has been asked for and has no id yet. */
  starting = false;

  /** The step whose menu was opened last. */
  pointed: string | null = null;

  /** The pipeline as it was after the last edit that could be analysed. */
  get analysis(): IAnalysis | null {
    return this._analysis;
  }

  /** Why the notebook cannot be analysed, or a request was refused. */
  get problem(): unknown {
    return this._problem;
  }

  /** The step whose details are shown. */
  get selected(): string | null {
    return this._selected;
  }

  get running(): boolean {
    return this.starting || this.run.states?.status === 'running';
  }

  /** The step of the active cell. */
  get activeStep(): string | null {
    const id = this.panel.content.activeCell?.model.id;
    const steps = this._analysis?.pipeline.steps ?? [];
    const found = steps.find(step => step.cells.some(cell => cell.id === id));
    return found?.name ?? null;
  }

  /** Where the last run failed, unless its cell has been edited since. */
  get failure(): IDiagnostic | null {
    const failed = this.run.states?.steps.find(
      ({ status }) => status === 'failed'
    );
    const error = failed?.error;
    if (!failed || !error || error.cell === null || this.running) {
      return null;
    }
    const key = `${this.run.states?.run} ${failed.step}`;
    const source = this._source(error.cell);
    if (this._failed?.key !== key) {
      this._failed = { key, source };
    }
    if (this._failed.source !== source) {
      return null;
    }
    return {
      code: 'failed-run',
      severity: 'error',
      message: `${error.ename}: ${error.message}`,
      cure: '',
      cell: error.cell,
      cell_index: error.cell_index,
      line: error.line,
      step: failed.step,
      edit: null
    };
  }

  /** Whether no cell is tagged as a step. */
  get untagged(): boolean {
    const cells = [...(this.panel.content.model?.cells ?? [])];
    return cells.every(cell => roleOf(tagsOf(cell)).step === '');
  }

  /** Show the details of a step, and its first cell. */
  select(step: string): void {
    this._selected = step;
    const steps = this._analysis?.pipeline.steps ?? [];
    const found = steps.find(each => each.name === step);
    if (found?.cells.length) {
      this.reveal(found.cells[0].id);
    }
    this._emit();
  }

  /** Show the details of no step. */
  deselect(): void {
    this._selected = null;
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

  /** Change the tags of the selected code cells, in one step of undo. */
  tag(change: (tags: readonly string[]) => string[]): void {
    this.panel.content.model?.sharedModel.transact(() => {
      for (const cell of chosenCells(this.panel)) {
        setTags(cell.model, change(tagsOf(cell.model)));
      }
    });
  }

  /** Get ready for a run; what hinders it will hinder the run, and be said then. */
  async warm(options: Record<string, unknown>): Promise<void> {
    try {
      await this.api.warm(documentOf(this.panel), this.path, options);
    } catch {
      return;
    }
  }

  /** Start a run of the notebook as it is now. */
  async start(
    parameters: Record<string, unknown>,
    options: Record<string, unknown>
  ): Promise<void> {
    this.starting = true;
    this._problem = null;
    this._emit();
    try {
      const started = await this.api.start(
        documentOf(this.panel),
        this.path,
        parameters,
        options
      );
      await this.run.follow(started.run);
    } finally {
      this.starting = false;
      this._emit();
    }
  }

  /** Show a run as the last one of the notebook. */
  async follow(run: string): Promise<void> {
    if (this.run.states?.run !== run) {
      await this.run.follow(run).catch(error => this._fail(error));
    }
  }

  private _source(id: string): string | null {
    const cells = [...(this.panel.content.model?.cells ?? [])];
    const cell = cells.find(each => each.id === id);
    return cell?.sharedModel.getSource() ?? null;
  }

  private _edited(): void {
    void this._debouncer.invoke();
  }

  /** Analyse the notebook; what is edited meanwhile waits for the answer. */
  private async _analyse(): Promise<void> {
    this._isStale = this._analysing;
    if (this._analysing) {
      return;
    }
    this._analysing = true;
    do {
      this._isStale = false;
      await this._ask();
    } while (this._isStale);
    this._analysing = false;
  }

  private async _ask(): Promise<void> {
    if (this.panel.isDisposed) {
      return;
    }
    const document = documentOf(this.panel);
    const text = JSON.stringify(document);
    // Outputs and execution counts change the notebook too, but not its pipeline.
    if (text === this._analysed) {
      return;
    }
    this._analysed = text;
    try {
      const analysis = await this.api.analyse(document, this.path);
      const said = JSON.stringify(analysis);
      // What is drawn stays as it is, if only the metadata has changed.
      if (said !== this._said) {
        this._said = said;
        this._analysis = analysis;
      }
      this._problem = null;
    } catch (error) {
      this._analysed = '';
      this._problem = error;
    }
    this._emit();
  }

  private _fail(error: unknown): void {
    this._problem = error;
    this._emit();
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _end(): void {
    this.run.dispose();
    this._debouncer.dispose();
    Signal.clearData(this);
  }

  private _analysis: IAnalysis | null = null;
  private _problem: unknown = null;
  private _selected: string | null = null;
  private _failed: { key: string; source: string | null } | null = null;
  private _analysed = '';
  private _analysing = false;
  private _isStale = false;
  private _said = '';
  private readonly _debouncer: Debouncer;
  private readonly _changed = new Signal<this, void>(this);
}
