/** The commands of the extension. */
export const CommandIDs = {
  about: 'kfx:about',
  run: 'kfx:run-pipeline',
  runStep: 'kfx:run-step',
  cancel: 'kfx:cancel-run',
  suggest: 'kfx:suggest-steps',
  show: 'kfx:show-pipeline',
  runs: 'kfx:show-runs',
  debug: 'kfx:debug-step',
  tag: 'kfx:tag-cells',
  toggleBar: 'kfx:toggle-cell-bar'
} as const;

/** The id of the settings that all plugins share. */
export const SETTINGS = 'jupyter-kfx:pipeline';

/** Describes a command that takes no arguments. */
export const NO_ARGUMENTS = {
  args: { type: 'object' as const, properties: {} }
};
