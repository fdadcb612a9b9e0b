import type { ISchema } from '../view/schema';

/** A change of one cell's tags. */
export interface ITagEdit {
  cell: string;
  cell_index: number;
  remove: string[];
  /** Tags that come in the place of the first that is removed, or last. */
  add: string[];
}

/** What the server answers, spelled as it sends it. */
export interface IDiagnostic {
  code: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  cure: string;
  cell: string | null;
  cell_index: number | null;
  line: number | null;
  step: string | null;
  /** What cures it, where a change of tags does. */
  edit: ITagEdit | null;
}

export interface ICellPlace {
  id: string;
  index: number;
}

export interface IParameter {
  name: string;
  default: unknown;
  source: string;
  schema: ISchema;
  help: string;
}

export interface ISetupStatement {
  cell: string;
  index: number;
  line: number;
  code: string;
  kind: 'import' | 'definition' | 'setting' | 'parameter';
  names: string[];
}

export interface IStep {
  name: string;
  cells: ICellPlace[];
}

export interface IPipeline {
  name: string;
  parameters: IParameter[];
  parameters_cell: ICellPlace | null;
  setup_cells: ICellPlace[];
  setup: ISetupStatement[];
  steps: IStep[];
  diagnostics: IDiagnostic[];
}

export interface INode {
  step: string;
  title: string;
  hint: string;
  /** The hint in full length. */
  details: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface IEdge {
  source: string;
  target: string;
  kind: 'data' | 'order' | 'possible';
  names: string[];
  points: [number, number][];
  label: { text: string; x: number; y: number } | null;
}

export interface IDrawing {
  width: number;
  height: number;
  nodes: INode[];
  edges: IEdge[];
}

export interface IAnalysis {
  pipeline: IPipeline;
  drawing: IDrawing;
}

export interface ISuggestion {
  steps: { name: string; cells: number[]; why: string }[];
  setup: number[];
  tags: { cell: number; add: string[] }[];
}

export interface IStepError {
  kind: string;
  ename: string;
  message: string;
  cell: string | null;
  cell_index: number | null;
  line: number | null;
}

export interface IStepState {
  step: string;
  status: string;
  attempts: number;
  /** The result of an earlier run was taken. */
  cached: boolean;
  /** Why it ran, or did not have to. */
  reason: string;
  /** It is skipped for its condition, or as a skipped step would bind what it needs. */
  passed_over: boolean;
  started: number | null;
  seconds: number | null;
  cell_index: number | null;
  reruns: string[];
  error: IStepError | null;
  outputs: {
    digest: string;
    names: string[];
    size: number;
    types: Record<string, string>;
  }[];
}

export interface IRun {
  run: string;
  pipeline: string;
  notebook: string | null;
  engine: string;
  status: string;
  started: string;
  ended: string | null;
  parameters: Record<string, unknown>;
  metrics: Record<string, unknown>;
}

export interface IRunStates extends IRun {
  steps: IStepState[];
  /** End of the last event that this accounts for. */
  position: number;
  warnings: string[];
  error: { message: string; cure: string | null } | null;
}

export interface IEngine {
  name: string;
  does: string;
  /** JSON Schema of its options. */
  options: ISchema;
}

/** Narrows the list of runs. */
export interface IRunFilter {
  path?: string;
  limit?: number;
  status?: string;
  pipeline?: string;
  experiment?: string;
  engine?: string;
}

/** Something that a step has stored. */
export interface IArtifact {
  digest: string;
  names: string[];
  size: number;
  types: Record<string, string>;
  kind: 'Dataset' | 'Model' | '';
  step: string;
  execution: string;
  there: boolean;
}

export interface ILogPart {
  text: string;
  offset: number;
  ended: boolean;
}

/** A value that two runs have, or one of them. */
export interface IValueDifference {
  name: string;
  same: boolean;
  why: string;
}

/** A kernel that stands where a step began. */
export interface IDebugging {
  kernel: { id: string; name: string };
  /** What it printed on the way. */
  said: string;
  cells: string[];
  /** Of a step that failed, its cells up to the failing one. */
  to_rerun: string[];
}

/** How two runs differ. */
export interface IComparison {
  same: boolean;
  /** Defaults included; null where a run has no such parameter. */
  parameters: { name: string; one: unknown; other: unknown }[];
  steps: {
    step: string;
    code: { same: boolean; diff: string };
    outputs: IValueDifference[];
  }[];
}
